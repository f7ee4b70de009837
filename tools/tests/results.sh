#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The two judges, tools/ktap and tools/windows, on known data.
# shellcheck source=tools/tests/lib
. "${0%/*}/lib"

# counted TOTALS FILE [SKIPS]: tools/ktap's last line.
counted()
{
	tools/ktap -v skips="${3-}" "$2" > "$work/totals"
	cat "$work/totals"
	[[ $(tail -n 1 "$work/totals") == "$1" ]]
}

lines()
{
	printf '%s\n' "$@" > "$work/file"
}

write() { echo "memory_region_ops_write cpu 0 mr 0x5 addr $2 value $3 size 1 name '$1'"; }
open=$(write isa-debugcon 0x5e9 0x1)
close=$(write isa-debugcon 0x5e9 0x2)
refused=$(write pc-testdev-ioport 0xe0 0x55)
timer=$(write hpet 0xfed00000 0x55)
begin=$(write isa-debugcon 0x5e9 0x3)
one=$(write pc-testdev-ioport 0xe0 0x1)
two=$(write pc-testdev-ioport 0xe0 0x2)
end=$(write isa-debugcon 0x5e9 0x4)

lines "1..2" "ok 1 selftests: ringprobe: one" "ok 2 two"
check "passes count" counted "2 passed, 0 failed, 0 skipped" "$work/file"
lines "1..2" "ok 1 one" "not ok 2 two"
check "failures count" counted "1 passed, 1 failed, 0 skipped" "$work/file"
check "a failure is the exit status" exits 1 "not ok: two" tools/ktap "$work/file"
lines "1..1" "# ok 1 g.a" "# not ok 2 g.b" "not ok 1 one"
check "nested results count instead of the whole" counted "1 passed, 1 failed, 0 skipped" "$work/file"
lines "1..1" "# ok 1 g.a" "not ok 1 one"
check "a whole may fail beyond its parts" counted "1 passed, 1 failed, 0 skipped" "$work/file"
lines "1..3" "ok 1 one"
check "a broken plan fails" counted "1 passed, 1 failed, 0 skipped" "$work/file"
lines "ok 1 one"
check "no plan fails" counted "1 passed, 1 failed, 0 skipped" "$work/file"
lines "1..1" "# built: 2" "ok 1 one"
check "fewer tests than built fail" counted "1 passed, 1 failed, 0 skipped" "$work/file"

printf '%s\n' "# expected" "one no such device" "three.g.b no such processor" > "$work/skips"
lines "1..2" "ok 1 one # SKIP no device" \
	"# #  RUN           g.a ..." "# ok 1 g.a" "# #  RUN           g.b ..." "# ok 2 # SKIP none" \
	"ok 2 three"
check "expected skips are no failure" counted "1 passed, 0 failed, 2 skipped" "$work/file" "$work/skips"
check "other skips are" counted "1 passed, 2 failed, 2 skipped" "$work/file"
lines "1..2" "ok 1 one" "ok 2 three"
check "an expected skip that ran is, as is one that is gone" \
	counted "2 passed, 2 failed, 0 skipped" "$work/file" "$work/skips"

run=("$begin" "$one" "$two" "$end")
lines "${run[@]}" "$refused" "$open" "$timer" "$close" "$refused"
check "a window with the kernel's own accesses" exits 0 "1 windows, 1 runs of 2 writes, 0 accesses" tools/windows "$work/file"
lines "${run[@]}" "$open" "$refused" "$close"
check "a window with a refused access fails" exits 1 "reached in window 1" tools/windows "$work/file"
lines "${run[@]}" "$open"
check "a window left open fails" exits 1 "never closed" tools/windows "$work/file"
lines "${run[@]}" "$refused"
check "no window fails" exits 1 "no window" tools/windows "$work/file"
lines "$open" "$close"
check "no run fails" exits 1 "no run" tools/windows "$work/file"
lines "$open" "$close" "$begin" "$one" "$one" "$two" "$end"
check "a write made twice fails" exits 1 "in run 1 where 2 was due" tools/windows "$work/file"
lines "$open" "$close" "$begin" "$two" "$end"
check "a write left out fails" exits 1 "in run 1 where 1 was due" tools/windows "$work/file"
lines "$open" "$close" "${run[@]}" "$two" "${run[@]}"
check "a run begins with 1, whatever was before" exits 0 "2 runs of 4 writes" tools/windows "$work/file"
finish
