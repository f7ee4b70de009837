/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The layout that the contract promises, once: X(struct, field, offset, size)
 * and S(struct, size). The four tables that abi.c compares with it are compiled
 * as C11 and C++17, for 32 and 64 bits (abi_layout.c).
 */
#ifndef ABI_LAYOUT_H
#define ABI_LAYOUT_H

#define LAYOUT(X, S) \
	S(ringprobe_info, 80) \
	X(ringprobe_info, size, 0, 4) \
	X(ringprobe_info, flags, 4, 4) \
	X(ringprobe_info, port, 8, 4) \
	X(ringprobe_info, width, 12, 4) \
	X(ringprobe_info, features, 16, 8) \
	X(ringprobe_info, abi, 24, 4) \
	X(ringprobe_info, arg_max, 28, 4) \
	X(ringprobe_info, tsc_khz, 32, 4) \
	X(ringprobe_info, mode, 36, 4) \
	X(ringprobe_info, deny_in, 40, 4) \
	X(ringprobe_info, deny_out, 44, 4) \
	X(ringprobe_info, port_kind, 48, 4) \
	X(ringprobe_info, ranges, 52, 4) \
	X(ringprobe_info, pm_timer_port, 56, 4) \
	X(ringprobe_info, pm_timer_bits, 60, 4) \
	X(ringprobe_info, version, 64, 16) \
	S(ringprobe_cpl, 80) \
	X(ringprobe_cpl, size, 0, 4) \
	X(ringprobe_cpl, flags, 4, 4) \
	X(ringprobe_cpl, kernel_cs, 8, 4) \
	X(ringprobe_cpl, kernel_cpl, 12, 4) \
	X(ringprobe_cpl, user_cs, 16, 4) \
	X(ringprobe_cpl, user_cpl, 20, 4) \
	X(ringprobe_cpl, kernel_rflags, 24, 8) \
	X(ringprobe_cpl, user_rflags, 32, 8) \
	X(ringprobe_cpl, cr0, 40, 8) \
	X(ringprobe_cpl, cr4, 48, 8) \
	X(ringprobe_cpl, efer, 56, 8) \
	X(ringprobe_cpl, entry, 64, 4) \
	X(ringprobe_cpl, cpu, 68, 4) \
	X(ringprobe_cpl, state, 72, 4) \
	X(ringprobe_cpl, reserved, 76, 4) \
	S(ringprobe_stamp, 32) \
	X(ringprobe_stamp, size, 0, 4) \
	X(ringprobe_stamp, flags, 4, 4) \
	X(ringprobe_stamp, first, 8, 8) \
	X(ringprobe_stamp, last, 16, 8) \
	X(ringprobe_stamp, cpu, 24, 4) \
	X(ringprobe_stamp, reserved, 28, 4) \
	S(ringprobe_port, 32) \
	X(ringprobe_port, size, 0, 4) \
	X(ringprobe_port, flags, 4, 4) \
	X(ringprobe_port, port, 8, 4) \
	X(ringprobe_port, width, 12, 4) \
	X(ringprobe_port, value, 16, 4) \
	X(ringprobe_port, reserved, 20, 4) \
	X(ringprobe_port, ticks, 24, 8) \
	S(ringprobe_op, 8) \
	X(ringprobe_op, port, 0, 2) \
	X(ringprobe_op, access, 2, 1) \
	X(ringprobe_op, status, 3, 1) \
	X(ringprobe_op, value, 4, 4) \
	S(ringprobe_batch, 40) \
	X(ringprobe_batch, size, 0, 4) \
	X(ringprobe_batch, flags, 4, 4) \
	X(ringprobe_batch, count, 8, 4) \
	X(ringprobe_batch, completed, 12, 4) \
	X(ringprobe_batch, ops, 16, 8) \
	X(ringprobe_batch, stamps, 24, 8) \
	X(ringprobe_batch, reserved, 32, 8) \
	S(ringprobe_uring, 16) \
	X(ringprobe_uring, argument, 0, 8) \
	X(ringprobe_uring, zero, 8, 8) \
	S(ringprobe_page, 56) \
	X(ringprobe_page, version, 0, 4) \
	X(ringprobe_page, size, 4, 4) \
	X(ringprobe_page, sequence, 8, 4) \
	X(ringprobe_page, offset, 12, 4) \
	X(ringprobe_page, features, 16, 8) \
	X(ringprobe_page, tsc_khz, 24, 4) \
	X(ringprobe_page, reserved, 28, 4) \
	X(ringprobe_page, in, 32, 8) \
	X(ringprobe_page, out, 40, 8) \
	X(ringprobe_page, refused, 48, 8) \
	S(ringprobe_insn, 72) \
	X(ringprobe_insn, size, 0, 4) \
	X(ringprobe_insn, flags, 4, 4) \
	X(ringprobe_insn, insn, 8, 4) \
	X(ringprobe_insn, operand, 12, 4) \
	X(ringprobe_insn, pointer, 16, 8) \
	X(ringprobe_insn, value, 24, 16) \
	X(ringprobe_insn, ticks, 40, 8) \
	X(ringprobe_insn, status, 48, 4) \
	X(ringprobe_insn, vector, 52, 4) \
	X(ringprobe_insn, notes, 56, 4) \
	X(ringprobe_insn, cpu, 60, 4) \
	X(ringprobe_insn, cpl, 64, 4) \
	X(ringprobe_insn, reserved, 68, 4) \
	S(ringprobe_fault_arm, 16) \
	X(ringprobe_fault_arm, size, 0, 4) \
	X(ringprobe_fault_arm, flags, 4, 4) \
	X(ringprobe_fault_arm, capacity, 8, 4) \
	X(ringprobe_fault_arm, reserved, 12, 4) \
	S(ringprobe_fault_record, 16) \
	X(ringprobe_fault_record, stamp, 0, 8) \
	X(ringprobe_fault_record, signal, 8, 4) \
	X(ringprobe_fault_record, vector, 12, 4) \
	S(ringprobe_fault_read, 72) \
	X(ringprobe_fault_read, size, 0, 4) \
	X(ringprobe_fault_read, flags, 4, 4) \
	X(ringprobe_fault_read, first, 8, 4) \
	X(ringprobe_fault_read, count, 12, 4) \
	X(ringprobe_fault_read, total, 16, 4) \
	X(ringprobe_fault_read, lost, 20, 4) \
	X(ringprobe_fault_read, record, 24, 48)

struct layout {
	const char *name;
	unsigned int offset;
	unsigned int size;
};

#ifdef __cplusplus
extern "C" {
#endif
extern const struct layout layout_c[];
extern const struct layout layout_cxx[];
#ifdef __cplusplus
}
#endif

#endif
