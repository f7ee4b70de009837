#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The Debian packages: built, to lintian's content, holding what they promise; and one
# build by DKMS of the source that they ship, without root.
# shellcheck source=tools/tests/lib
. "${0%/*}/lib"
# shellcheck source=tools/lib
. tools/lib

if ! command -v dpkg-buildpackage > /dev/null || ! command -v dkms > /dev/null; then
	echo "1..0 # SKIP needs dpkg-buildpackage and dkms: Debian's"
	exit 4
fi
unset MAKEFLAGS MFLAGS MAKELEVEL

holds()
{
	local package=$1 file

	shift
	dpkg-deb -c dist/"$package"_*.deb | tee "$work/files"
	for file; do
		grep -q "[./]$file\$" "$work/files" || { echo "no $file"; return 1; }
	done
}

# Nothing of it may need root, nor touch this machine's own DKMS.
dkms_builds()
{
	local release source

	release=$(tools/kernel release)
	make -s install-dkms DESTDIR="$work/root" || return 1
	source=$(echo "$work"/root/usr/src/ringprobe-*)
	mkdir -p "$work/dkms" "$work/modules/$release"
	dkms_of build "$source" && dkms_of status
	find "$work/dkms" -name 'ringprobe.ko*' > "$work/built"
	cat "$work/dkms"/*/*/build/make.log "$work/built" 2> /dev/null
	[[ -s $work/built && $(modinfo -F vermagic "$(head -n 1 "$work/built")") == "$release "* ]]
}

dkms_of()
{
	"${as[@]}" dkms "$@" --dkmstree "$work/dkms" --sourcetree "$work/root/usr/src" \
		--installtree "$work/modules" -k "$(tools/kernel release)" \
		--kernelsourcedir "$(tools/kernel build)"
}
as=()
# It asks who runs it, but writes nowhere else.
[[ $EUID == 0 ]] || as=(fakeroot)

check "make deb, and lintian has nothing to say" make -s deb
check "ringprobe holds the probe, its pages, its completion and its header" \
	holds ringprobe /usr/bin/ringprobe man1/ringprobe.1.gz man4/ringprobe.4.gz \
	man7/ringprobe-netlink.7.gz completions/ringprobe vendor-completions/_ringprobe \
	include/ringprobe.h include/ringprobe_netlink.h share/ringprobe/ringprobe.yaml install.md.gz
check "ringprobe-dkms holds the module's source and dkms.conf" \
	holds ringprobe-dkms dkms.conf Kbuild module/main.c include/uapi/ringprobe.h
check "DKMS builds it" dkms_builds
finish
