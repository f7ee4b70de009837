#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What the runs under the debug kernel are told by the environment: each value that they do
# not take is named, with those that they do, before anything is fetched or built.
# shellcheck source=tools/tests/lib
. "${0%/*}/lib"

# refuses TARGET KEY VALUE TEXT
refuses()
{
	check "$1 does not take $2=$3" exits 2 "$2=$3: $4" make "$1" "$2=$3"
}

for key in STORM_SECONDS LOAD_TIMES LOAD_ROUNDS UNLOAD_TIMES FAIL_EVERY FORK_SECONDS INSN_ROUNDS; do
	refuses check-debug "$key" 0 "not a number from 1 to 1000000000"
	refuses check-debug "$key" soon "not a number from 1 to 1000000000"
done
refuses check-debug CROWD_CALLS 7999 "not a number from 8000 to 1000000000"
refuses check-debug CROWD_CALLS 1e7 "not a number from 8000 to 1000000000"
check "check-debug does not take blanks for MACHINES" exits 2 "MACHINES= : none is named, of: usual" \
	env MACHINES=" " make check-debug
refuses check-debug MACHINES late "\"late\" is none of: usual racers scripts"
check "... whose short form has others" exits 2 "\"scripts\" is none of: usual racers late" \
	make check-debug SHORT=1 MACHINES="usual scripts"
refuses fuzz CALLS 0 "not a number from 1 to 1000000000"
refuses fuzz CALLS 08 "not a number from 1 to 1000000000"
refuses fuzz CALLS 1000000001 "not a number from 1 to 1000000000"
refuses fuzz SEED -1 "not a number from 0 to 999999999999999999"
refuses fuzz PROCESSES 9 "not a number from 1 to 8"
finish
