#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A virtual machine that dies is never a success.
# shellcheck source=tools/tests/lib
. "${0%/*}/lib"

check "status 7 arrives" exits 7 "hello from the VM" tools/vm 'echo hello from the VM; exit 7'
check "a VM that powers off early is status 125" \
	exits 125 "ended before the command did" tools/vm 'busybox poweroff -f; sleep 60'

# A stand-in for virtme-ng that hangs the first time, and then runs what it is given.
mkdir -p "$work/bin"
cat > "$work/bin/vng" <<END
#!/bin/bash
[[ -e $work/hung ]] || { : > $work/hung; exec sleep 60; }
run=\${*: -1}
run=\${run#bash }
exec bash <(sed "s|/dev/virtio-ports/ringprobe.status|\${run%run}status|" "\$run")
END
chmod +x "$work/bin/vng"
check "a VM that hangs while it boots is started again" \
	exits 7 "once more" env PATH="$work/bin:$PATH" BOOT_SECONDS=2 tools/vm 'exit 7'

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
