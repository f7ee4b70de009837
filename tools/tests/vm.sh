#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A virtual machine that dies is never a success.
# shellcheck source=tools/tests/lib
. "${0%/*}/lib"

check "status 7 arrives" exits 7 "hello from the VM" tools/vm 'echo hello from the VM; exit 7'
check "a VM that powers off early is status 125" \
	exits 125 "ended before the command did" tools/vm 'busybox poweroff -f; sleep 60'
finish
