#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Examples of manual pages rot unseen. So each .EX block of docs/ is taken from
# the page's source: a program is written to the file that its first line names,
# a command is run as its prompt says (# as root, $ as nobody) and prints what
# the page prints, in shape: any number counts as any other, and [...] stands
# for the rest of a line, alone on one for any number of lines.
# shellcheck disable=SC2317 # run and check call the functions that nothing else does

# shellcheck source=ringprobe_test.sh
. "${0%/*}/ringprobe_test.sh"

need_root
need_vm
need_module
[[ -x $probe ]] || skip_all "no probe: $probe"
command -v setpriv > /dev/null || skip_all "needs setpriv (util-linux)"
pages=("$here"/../docs/*.[147])
[[ -r ${pages[0]} ]] || skip_all "no manual pages: $here/../docs"
header=$here/../include/uapi/ringprobe.h
# Of a kernel tree: see ynl.sh
ynl=${YNL_TREE:-$here/../../../..}/tools/net/ynl
[[ -r $header ]] || skip_all "no ringprobe.h: $header"

remember_module

# What installing would have put where it is found.
chmod 755 "$work"
mkdir "$work/bin" "$work/include"
cp "$probe" "$work/bin/ringprobe"
cp "$header" "$work/include"
export CPATH=$work/include PATH=$work/bin:$PATH

# Not installed: the built module, by modprobe's name and with its arguments.
cat > "$work/bin/modprobe" << END
#!/bin/sh
[ "\$1" != -r ] || exec rmmod "\$2"
shift
exec insmod '$module' "\$@"
END
chmod 755 "$work/bin/modprobe"

# The text of a page's examples, each begun by a line ".EX". An escape that is
# not known here is left, and fails the test below.
examples_of()
{
	awk '/^\.EE/ { inside = 0 } /^\.EX/ { inside = 1 } inside' "$1" |
		sed 's/\\-/-/g; s/\\(aq/'\''/g; s/\\(ti/~/g; s/\\(ha/^/g; s/\\(ga/`/g; s/\\&//g
			s/\\\([^e]\|$\)/UNKNOWN ESCAPE &/g; s/\\e/\\/g'
}

# A row's star says that this kernel has mitigations on; one without has no stars.
stars=
grep -qs ^Mitigation /sys/devices/system/cpu/vulnerabilities/spectre_v* ||
	stars='s/ \*( +[0-9])/\1/;'

# Numbers all alike, unless they are part of a word; one blank for several.
shape()
{
	sed -E "$stars"'s/(^|[^[:alnum:]_])[-+]?(0x[0-9a-f]+|[0-9]+(\.[0-9]+)?)/\1N/g
		s/[[:space:]]+/ /g; s/ *(\[\.\.\.\])?$/\1/' <<< "$1"
}

# as_printed EXPECTED ACTUAL: the same shape; says which line is missing.
as_printed()
{
	awk '
	# from the line i of what is expected and the line j of what is there
	function like(i, j)
	{
		if (i > far)
			far = i
		if (i > expected)
			return j > actual
		if (want[i] == "[...]") {
			for (; j <= actual + 1; j++)
				if (like(i + 1, j))
					return 1
			return 0
		}
		if (j > actual || (open[i] ? index(have[j], want[i]) != 1 : have[j] != want[i]))
			return 0
		return like(i + 1, j + 1)
	}
	FNR == NR {
		want[++expected] = $0
		open[expected] = $0 != "[...]" && sub(/\[\.\.\.\]$/, "", want[expected])
		next
	}
	{ have[++actual] = $0 }
	END {
		if (like(1, 1))
			exit 0
		print "no line, or not here, like: " (far > expected ? "the end" : want[far])
		exit 1
	}' <(shape "$1") <(shape "$2")
}

# The first of a pipe's commands that is missing: a program of ours needs a compiler.
missing()
{
	local part words

	while IFS= read -r part; do
		read -ra words <<< "$part"
		[[ ${words[0]} != ./* ]] || words[0]=cc
		command -v "${words[0]}" > /dev/null || { echo "${words[0]}"; return; }
	done <<< "${1//|/$'\n'}"
}

# example PROMPT COMMAND EXPECTED
example()
{
	local name="$page: $2: as printed" lacks why as=()

	lacks=$(missing "$2")
	if [[ -n $lacks ]]; then
		skip "$name" "needs $lacks"
		return
	fi
	[[ $1 == "#" ]] || as=(setpriv --reuid 65534 --regid 65534 --clear-groups)
	run "${as[@]}" bash -c "$2"
	if ! why=$(as_printed "$3" "$out"); then
		out=$why$'\n'$out
		false
	fi
	verdict "$name" $?
}

# The lines of one block, in the array block
play()
{
	local line command='' prompt='' expected=''

	if [[ ${block[0]} =~ ^('/* '|'"""')([a-z_]+\.(c|py)): ]]; then
		printf '%s\n' "${block[@]}" > "${BASH_REMATCH[2]}"
		return
	fi
	for line in "${block[@]}" "# "; do
		if [[ $line != [#$]" "* ]]; then
			expected+=$line$'\n'
			continue
		fi
		if [[ -n $command ]]; then
			example "$prompt" "$command" "${expected%$'\n'}"
		elif [[ -n $expected ]]; then
			out=$expected
			false
			verdict "$page: an example is a program or begins with a prompt" $?
		fi
		prompt=${line:0:1}
		command=${line:2}
		expected=
	done
}

for path in "${pages[@]}"; do
	page=${path##*/}
	mapfile -t lines < <(examples_of "$path")
	out=$(printf '%s\n' "${lines[@]}")
	[[ ${#lines[@]} -gt 1 && $out != *"UNKNOWN ESCAPE"* ]]
	verdict "$page: has examples, in text that can be read here" $?

	unload || skip_all "the module is in use"
	mkdir "$work/$page"
	chown 65534 "$work/$page"
	cd "$work/$page" || exit 1
	export TMPDIR=$PWD
	ln -s "$module" ringprobe.ko
	ln -s "$here/../docs/netlink/ringprobe.yaml" "$ynl" .
	block=()
	for line in "${lines[@]:1}" .EX; do
		if [[ $line != .EX ]]; then
			block+=("$line")
		else
			play
			block=()
		fi
	done
done
finish
