/* SPDX-License-Identifier: GPL-2.0 */
/* The tests, each once, the longest last: X(what holds, function). */
#ifndef TESTS_H
#define TESTS_H

#include "model.h"

#define TESTS(X) \
	X("every access byte and status of an op", test_every_access_byte) \
	X("every value fits, or is refused", test_every_value) \
	X("the first error is returned, whatever else is wrong", test_order_of_errors) \
	X("INFO tells all layers", test_layers) \
	X("each need and each layer by itself", test_needs) \
	X("what is no operation is none", test_numbers) \
	X("each parameter loads, or says why not", test_parameters) \
	X("a load that fails leaves nothing", test_loads_that_fail) \
	X("parameters are declared as what they are", test_parameters_are_declared) \
	X("INFO tells the list and the timer", test_list_is_told) \
	X("memory that stays away is found before the access", test_memory_that_stays_away) \
	X("a fault at each touch of memory", test_fault_at_each_touch) \
	X("each field of a batch", test_fields_of_a_batch) \
	X("a batch is done and answered in its order", test_order_of_a_batch) \
	X("a fatal signal ends a batch", test_signal) \
	X("two batches at a time", test_two_at_a_time) \
	X("a batch without memory", test_no_memory) \
	X("what other threads store does not count", test_other_threads_stores) \
	X("accesses and refusals are counted", test_counts) \
	X("a use of unsafe_ports= is logged", test_unsafe_is_logged) \
	X("what is told, and of what nothing is", test_told) \
	X("nothing changes where nobody listens", test_nobody_listens) \
	X("that nobody listens holds for a jiffy", test_jiffy) \
	X("every port is judged as the reference has it", test_every_port) \
	X("... in batches", test_every_port_in_batches)

#define DECLARE(name, function) void function(void);
TESTS(DECLARE)
#undef DECLARE

#endif
