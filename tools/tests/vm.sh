#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A virtual machine that dies is never a success.
# shellcheck disable=SC2016 # the stand-ins expand them
# shellcheck source=tools/tests/lib
. "${0%/*}/lib"

check "status 7 arrives" exits 7 "hello from the VM" tools/vm 'echo hello from the VM; exit 7'
check "a VM that powers off early is status 125" \
	exits 125 "ended before the command did" tools/vm 'busybox poweroff -f; sleep 60'

# With an initramfs of two files: busybox has a shell, but this is bash's; and a program
# that this machine's kernel need not be able to run.
mkdir "$work/carried"
gcc -m32 -x c -o "$work/bits_32" - <<'END'
#include <stdio.h>
int main(void) { return printf("%zu bits\n", 8 * sizeof(long)) < 0; }
END
check "status 7 arrives from an initramfs" exits 7 "hello to 5" tools/vm-initramfs \
	"$(tools/kernel image)" "$work/carried" "words=(hello to 5)
		echo \"\${words[@]}\"; '$work/bits_32' > '$work/carried/file'; exit 7" \
	"$(type -P bash)" "$work/bits_32"
check "... and what a 32-bit program wrote there" grep -qx "32 bits" "$work/carried/file"
check "... but 125 from one that does not end" exits 125 "or did not end" tools/vm-initramfs \
	--timeout 8 "$(tools/kernel image)" "$work/carried" "sleep 60" "$(type -P bash)"
check "... and from one that ends early" exits 125 "ended before" tools/vm-initramfs \
	"$(tools/kernel image)" "$work/carried" "poweroff -f; sleep 60" "$(type -P bash)"

# Stand-ins: for virtme-ng, one that does what $1 says before it runs what it is given,
# and for a QEMU of version $2 that has no KVM.
stand_in()
{
	mkdir -p "$work/bin"
	cat > "$work/bin/vng" <<-END
	#!/bin/bash
	run=\${*: -1}
	run=\${run#bash }
	$1
	exec bash <(sed "s|/dev/virtio-ports/ringprobe.status|\${run%run}status|" "\$run")
	END
	printf '#!/bin/sh\necho "QEMU emulator version %s (Debian)"\n' "$2" > "$work/bin/qemu-system-x86_64"
	chmod +x "$work/bin"/*
}
there=(env PATH="$work/bin:$PATH" KVM="$work/none" BOOT_SECONDS=10 HANG_SECONDS=2)

stand_in "[[ -e $work/hung ]] || { : > $work/hung; exec sleep 60; }" 10.0
check "a VM that hangs while it boots is started again" exits 7 "once more" "${there[@]}" tools/vm 'exit 7'
stand_in 'echo begun > "${run%run}status"; exec sleep 60' 10.0
check "one that hangs later, asked whether it lives, is status 124" \
	exits 124 "stopped answering for 2 s" "${there[@]}" tools/vm --parallel 'exit 7'
stand_in '' 10.0
check "one that is busy for longer does not hang" \
	exits 7 "" "${there[@]}" HANG_SECONDS=20 tools/vm --parallel 'sleep 22; exit 7'

# given VERSION OPTION...: whether QEMU is told to have its CPUs take turns
given()
{
	local version=$1

	shift
	stand_in '[[ $* != *thread=single* ]] || exit 0; echo at once' "$version"
	"${there[@]}" tools/vm "$@" 'exit 7' 2>&1 | grep -q 'at once' && echo "at once" || echo "in turn"
}
check "emulated CPUs take turns on QEMU 7.2" [ "$(given 7.2.22)" = "in turn" ]
check "... and on 8.0" [ "$(given 8.0.5)" = "in turn" ]
check "... not on 8.1" [ "$(given 8.1.0)" = "at once" ]
check "... not on 10" [ "$(given 10.0.2)" = "at once" ]
check "... nor with --parallel" [ "$(given 7.2.22 --parallel)" = "at once" ]

# begun VERSION STATUS N: what ends with STATUS its first N times is begun so often, and the
# last status
begun()
{
	stand_in '' "$1"
	: > "$work/begun"
	"${there[@]}" bash -c '. "$1/tools/lib"
		once()
		{
			echo >> "$3"
			(($(wc -l < "$3") > $2)) || return "$1"
		}
		anew once "${@:2}"' - "$top" "$2" "$3" "$work/begun" 2> /dev/null
	echo "$? of $(wc -l < "$work/begun")"
}
check "a machine that hung is begun anew" [ "$(begun 7.2.22 124 1)" = "0 of 2" ]
check "... twice" [ "$(begun 7.2.22 124 2)" = "0 of 3" ]
check "... and no more" [ "$(begun 7.2.22 124 9)" = "124 of 3" ]
check "... not where QEMU is not why" [ "$(begun 8.1.0 124 1)" = "124 of 1" ]
check "... nor if it ended otherwise" [ "$(begun 7.2.22 125 1)" = "125 of 1" ]

# KVM is believed when it has booted the kernel, not when its node can be opened.
kvm_with()
{
	local cache=$work/$1

	mkdir -p "$cache/bin"
	printf '#!/bin/sh\n%s\n' "$2" > "$cache/bin/qemu-system-x86_64"
	chmod +x "$cache/bin/qemu-system-x86_64"
	PATH=$cache/bin:$PATH XDG_CACHE_HOME=$cache KVM=$work/node tools/kvm /etc/os-release
}
no()
{
	! "$@"
}
: > "$work/node"
check "KVM that boots is used" kvm_with good 'echo Linux version 6.1'
check "KVM on which QEMU dies is not" no kvm_with dead 'exit 134'
check "KVM under which nothing starts is not" no kvm_with mute 'echo EDD; exit 0'
check "... and is not asked again" no kvm_with mute 'echo Linux version 6.1'
finish
