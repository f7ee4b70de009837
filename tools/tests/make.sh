#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The Makefile's promises.
# shellcheck source=tools/tests/lib
. "${0%/*}/lib"

# Not a part of the make that may have started this test.
unset MAKEFLAGS MFLAGS MAKELEVEL

helps()
{
	local target

	make -s help > "$work/help" || return 1
	for target in all module probe demo check bench rivals check-install check-coverage check-mutants \
		      check-matrix check-debug lint vm deb sign install uninstall install-dkms uninstall-dkms clean help; do
		grep -q "^$target  *[^ ]" "$work/help" || { echo "no $target"; return 1; }
	done
	! grep -E ".{81}" "$work/help"	# a terminal's width
}

# Every file, directory and link below the root, with mode and content.
list()
(
	cd "$work/root" || exit
	find . -printf '%p %y %m %l\n' | sort
	find . -type f -exec md5sum {} + | sort
)

# A system's usual directories, with things of others in them.
fill_root()
{
	mkdir -p "$updates" "$work"/root/opt/r/{bin,include,share/man/man{1,4,7},share/doc} \
		"$work"/root/opt/r/share/bash-completion/completions \
		"$work"/root/opt/r/share/zsh/site-functions "$work/root/usr/src/other-1"
	echo other | tee "$work/root/opt/r/bin/other" "$work/root/opt/r/include/other.h" \
		"$updates/other.ko" > /dev/null
	list > "$work/before"
}

run_make()
{
	make -s "$@" DESTDIR="$work/root" PREFIX=/opt/r
}

installs()
{
	local root=$work/root file

	run_make install > "$work/said" 2>&1 || return 1
	! grep -i error "$work/said" || return 1
	list | diff "$work/before" - | grep '^>' > "$work/installed"
	cat "$work/installed"
	"$root/opt/r/bin/ringprobe" --version || return 1
	for file in bin/ringprobe include/ringprobe.h include/ringprobe_netlink.h \
		    share/man/man1/ringprobe.1 share/man/man4/ringprobe.4 \
		    share/man/man7/ringprobe-netlink.7 share/ringprobe/ringprobe.yaml \
		    share/bash-completion/completions/ringprobe \
		    share/zsh/site-functions/_ringprobe share/doc/ringprobe/examples/ringprobe.conf; do
		[[ -s $root/opt/r/$file ]] || { echo "no $file"; return 1; }
	done
	file=$(find "$root/lib/modules" -name 'ringprobe.ko*')
	[[ $file == "$updates/"* ]]
}

# The folder of updates is one that only installing made.
leaves_no_folder()
{
	rm -r "$updates"
	list > "$work/before"
	run_make install-module && run_make uninstall-module && as_before
}

# Only where the key lies that the configuration names does modules_install sign.
signs_with_a_key()
{
	mkdir -p "$work/tree/include/config"
	echo 1 > "$work/tree/include/config/kernel.release"
	echo 'CONFIG_MODULE_SIG_KEY="a.pem"' > "$work/tree/.config"
	[[ $(KDIR=$work/tree tools/kernel settings) == CONFIG_MODULE_SIG_ALL= ]] || return 1
	: > "$work/tree/a.pem"
	[[ $(KDIR=$work/tree tools/kernel settings) == "" ]]
}

installs_dkms()
{
	local source=$work/root/usr/src/ringprobe-$version

	run_make install-dkms || return 1
	grep "^PACKAGE_VERSION=\"$version\"" "$source/dkms.conf" &&
		[[ -s $source/Kbuild && -s $source/module/main.c &&
		   -z $(find "$source" -name '*.o') ]]
}

as_before()
{
	list | diff "$work/before" -
}

uninstalls()
{
	run_make "$1" && as_before
}

# CHANGELOG's newest and the packages' are the one in the header.
one_version()
{
	head -n 5 CHANGELOG debian/changelog
	[[ $(sed -n 's/^\([0-9][0-9.]*\) (.*)$/\1/p' CHANGELOG | head -n 1) == "$version" &&
	   $(sed -n '1s/^ringprobe (\(.*\)) .*/\1/p' debian/changelog) == "$version" &&
	   $(probe/ringprobe --version) == "ringprobe $version" &&
	   $(modinfo -F version ringprobe.ko) == "$version" ]] || return 1
	! git grep -nF "$version" -- . ':!CHANGELOG' ':!debian/changelog' ':!include/ringprobe_version.h'
}

PATH=$PATH:/usr/sbin:/sbin
version=$(sed -n 's/^#define RINGPROBE_VERSION "\(.*\)"/\1/p' include/ringprobe_version.h)
updates=$work/root/lib/modules/$(tools/kernel release)/updates
check "help names every target" helps
check "another processor: one sentence, exit 2" \
	exits 2 "rings of x86-64 and this machine is aarch64" make HOSTARCH=aarch64
check "... before anything is compiled" test "$(wc -l < "$work/said")" = 1
check "... but help works there" make -s HOSTARCH=aarch64 help
check "no headers: says which command gets them" \
	exits 2 "tools/provision build" make module MODULES="$work"
check "a tree that is none is named" exits 2 "KDIR=$work" make module KDIR="$work"
check "... before anything is got for it" exits 2 "KDIR=$work is not" make check KDIR="$work"
check "... and nothing else is said" test "$(wc -l < "$work/said")" = 2
fill_root
check "install of what cannot be built says so" \
	exits 2 "KDIR=$work" run_make install KDIR="$work"
check "... and installs nothing" as_before
check "install puts probe, module, pages, completion and header below DESTDIR" installs
check "uninstall leaves the tree as it was" uninstalls uninstall
check "... with no folder of its own" leaves_no_folder
check "what is installed is signed where the kernel's key is, and only there" signs_with_a_key
check "install-dkms puts the module's source there, with its version" installs_dkms
check "uninstall-dkms leaves the tree as it was" uninstalls uninstall-dkms
check "sign without a key: says what it wants" exits 2 "make sign KEY=file CERT=file" make sign
check "a key that is made in the tree stays out of git and of packages" \
	git check-ignore class.key class.pem class.der
check "check-install of no release: names those that are" \
	exits 2 "is none of: bookworm trixie" make check-install RELEASES=nonsense
check "the version stands in one place, and the change logs follow it" one_version
finish
