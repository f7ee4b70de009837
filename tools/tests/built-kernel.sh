#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# tools/built-kernel on a source that builds nothing: what a fragment asks for and the
# configuration does not have is an error, by name, and no kernel is built then.
# shellcheck source=tools/tests/lib
. "${0%/*}/lib"

# The script beside fragments of our own; the source as the cache would have it.
export XDG_CACHE_HOME=$work/cache
tree=$XDG_CACHE_HOME/ringprobe/kernel-ours
source=$XDG_CACHE_HOME/ringprobe/linux-source-6.12-1
mkdir -p "$work/tools" "$source/scripts/kconfig"
cp tools/{built-kernel,lib} "$work/tools"

# shellcheck disable=SC2317 # called by the script
apt-cache()
{
	echo "Version: 1"
}
export -f apt-cache

# Its kconfig leaves unset what is to be so, drops what is BOGUS, and has limits of its own.
cat > "$source/scripts/kconfig/merge_config.sh" <<'END'
#!/bin/bash
cat "${@:4}" > "$3/.config"
END
chmod +x "$source/scripts/kconfig/merge_config.sh"
cat > "$source/Makefile" <<'END'
tinyconfig:
	: > $(O)/.config
olddefconfig:
	sed -i '/BOGUS\|=n$$/d; s/LIMITED=.*/LIMITED=64/; s/MODULAR=y/MODULAR=m/' $(O)/.config
	echo CONFIG_SELECTED=y >> $(O)/.config
bzImage modules:
	touch $(O)/$@
END

# fragments GUEST OURS...: what these two have; nothing is built yet
fragments()
{
	rm -rf "$tree"
	echo "$1" > "$work/tools/guest.fragment"
	printf '%s\n' "# A comment" "${@:2}" > "$work/tools/ours.fragment"
}

build()
{
	"$work/tools/built-kernel" ours
}

# drops NAME LINE: a fragment with LINE, either of them, ends the build
drops()
{
	fragments CONFIG_GUEST=y CONFIG_GOOD=y "$2" CONFIG_NEEDLESS=n
	check "$1" exits 1 "olddefconfig dropped: $2" build
	check "... alone" grep -qx "ringprobe: olddefconfig dropped: $2" "$work/said"
	check "... and nothing is built" test ! -e "$tree/bzImage"
	check "... nor taken for built the next time" exits 1 "dropped: $2" build
	fragments "$2" CONFIG_GOOD=y
	check "... in the fragment of all kernels, too" exits 1 "dropped: $2" build
}

fragments CONFIG_GUEST=y CONFIG_GOOD=y CONFIG_LIMITED=64 CONFIG_NEEDLESS=n
check "a kernel that has every option is built" exits 0 "$tree" build
check "... by its targets" test -e "$tree/bzImage" -a -e "$tree/modules"
rm -f "$tree/bzImage"
check "... once" exits 0 "$tree" build
check "... and not again" test ! -e "$tree/bzImage"
drops "an option that olddefconfig does not know is named" CONFIG_BOGUS=y
drops "one that has another value is named" CONFIG_LIMITED=6
drops "one that became a module is named" CONFIG_MODULAR=y
drops "one that is set all the same is named" CONFIG_SELECTED=n
finish
