#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The completion scripts, in the shells that they are for: bash and zsh run in a
# pseudo-terminal, lines are typed, Tab is pressed, and what is then offered must
# be what the help lists: no less, and no more.
# shellcheck source=tools/tests/lib
. "${0%/*}/lib"
shopt -s extglob

ringprobe=$top/probe/ringprobe

# drive SETUP SHELL: a shell that reads SETUP, and a terminal to type into. Each line
# that is read is typed, then Tab; three lines are the answer: what is offered, what
# the line became, and the list as it looked. Where the cursor goes up, it is over.
cat > "$work/drive" << 'END'
zmodload zsh/zpty
setopt extended_glob
zpty shell $2
zpty -w shell "source $1"
zpty -r shell screen '*@end@' || exit 1
while IFS= read -r typed; do
	zpty -w -n shell $typed$'\t\C-x\C-f'
	zpty -r shell screen '*@end@' || exit 1
	line=${${screen#*@line@}%@end@}
	screen=${${screen%%@line@*}//$'\e['[0-9]#A/$'\n'}
	list=("${(@f)${screen//($'\e['[0-9;?]#[A-Za-z]|[$'\r\a'])/}}")
	list=("${(@)list[2,-3]}")
	print -r -- ${(ou)=${(j: :)${list%% ##-- *}}}
	print -r -- $line
	print -r -- $list
done
END

cat > "$work/zshrc" << 'END'
stty rows 100 cols 200 -icanon -iexten -echo
PROMPT='' fpath=(${0:h} $fpath)
autoload -Uz compinit && compinit -u -D
setopt no_list_ambiguous
tab()
{
	zle expand-or-complete
	zle -R
}
report()
{
	print -rn -- $'\n'"@line@$BUFFER@end@"
	BUFFER=''
}
zle -N tab
zle -N report
bindkey '^I' tab
bindkey '^X^F' report
print -n @end@
END

cat > "$work/bashrc" << 'END'
stty rows 100 cols 200 -icanon -iexten -echo
PS1=''
report()
{
	printf '\n@line@%s@end@' "$READLINE_LINE"
	READLINE_LINE=''
}
bind 'set show-all-if-ambiguous on'
bind 'set enable-bracketed-paste off'
bind 'set bell-style none'
bind 'set page-completions off'
bind 'set completion-query-items 0'
bind -x '"\C-x\C-f": report'
. "${BASH_SOURCE[0]%/*}/ringprobe.bash"
printf @end@
END

# Some take = out of what breaks words: --via=l is then one of them, not three.
{ echo "COMP_WORDBREAKS=\${COMP_WORDBREAKS//=}" && cat "$work/bashrc"; } > "$work/unbrokenrc"

# What is typed, what Tab then offers (words), and what the line becomes.
typed=() offered=() became=()
offers()
{
	typed+=("$1") offered+=("$(sorted "$2")") became+=("$1")
}

becomes()
{
	typed+=("$1") offered+=('') became+=("$2")
}

sorted()
{
	tr -s ' ' '\n' <<< "$1" | sed '/^$/d' | LC_ALL=C sort -u | paste -sd ' '
}

# from FILTER COMMAND...: what jq finds in that output
from()
{
	"$ringprobe" "${@:2}" --json | jq -r "$1"
}

# ask SHELL COMMAND: puts every line to a shell, where a file could be offered too.
ask()
{
	mkdir "$work/$1" && touch "$work/$1/0x80" && cd "$work/$1" || return
	printf '%s\n' "${typed[@]}" |
		HISTFILE='' timeout 600 zsh -f "$work/drive" "$work/$1rc" "$2" > "$work/$1.said"
	echo "exit status ${PIPESTATUS[1]}"
	cd "$top" && mapfile -t said < "$work/$1.said"
	cat "$work/$1.said"
	[[ ${#said[@]} == $((3 * ${#typed[@]})) ]]
}

# answers N: what the shell said to line N is what must come of it.
answers()
{
	local words

	words=${said[3 * $1]-}
	words=$(sorted "${words//--*([a-z-])=/}")
	printf '%s\n' "offered:  $words" "expected: ${offered[$1]}" \
		"line:     ${said[3 * $1 + 1]-}" "expected: ${became[$1]}"
	[[ $words == "${offered[$1]}" && ${said[3 * $1 + 1]-} == "${became[$1]}" ]]
}

# explains LINE FILTER COMMAND...: each text that jq finds there is in the list after LINE.
explains()
{
	local i text n=0

	for i in "${!typed[@]}"; do
		[[ ${typed[$i]} == "$1" ]] && break
	done
	while IFS= read -r text; do
		n=$((n + 1))
		[[ ${said[3 * i + 2]} == *"-- $text"* ]] || { echo "missing: $text"; return 1; }
	done < <(from "${@:2}")
	[[ $n != 0 ]]
}

same_twice()
{
	"$ringprobe" completion "$1" | cmp - "$2"
}

one_object()
{
	"$ringprobe" completion "$1" --json |
		jq -sje --arg shell "$1" 'select(length == 1) | .[0] | select(.shell == $shell).script' |
		cmp - "$2"
}

options='.rows[] | "--" + .name, (.letter // empty | "-" + .)'
commands=$(from '.rows[].name' help)
# First of all, since only a fresh zsh complains of a slip here.
offers "ringprobe port -- i" ""
offers "ringprobe " "$commands help"
offers "ringprobe help " "$commands"
offers "ringprobe -" "--json --wide --help --version -h -V"
for command in $commands; do
	offers "ringprobe $command -" "$(from "$options" "$command" --help)"
	while IFS=: read -r option letter values; do
		offers "ringprobe $command --$option " "${values//|/ }"
		offers "ringprobe $command --$option=" "${values//|/ }"
		[[ -z $letter ]] || offers "ringprobe $command -$letter " "${values//|/ }"
	done < <(from '.rows[] | select(.arg) | [.name, .letter, .values] | join(":")' \
		"$command" --help)
	while read -r set; do
		[[ $set != *"|"* ]] || offers "ringprobe $command " "${set//|/ }"
	done < <(from ".rows[] | select(.name == \"$command\").args | split(\" \")[0] // empty" help)
done
becomes "ringprobe po" "ringprobe port "
becomes "ringprobe time --fi" "ringprobe time --fifo "
becomes "ringprobe time --via l" "ringprobe time --via lseek "
becomes "ringprobe time --via=l" "ringprobe time --via=lseek "
becomes "ringprobe --json po" "ringprobe --json port "
offers "ringprobe port in " ""
offers "ringprobe port in 0x80 " ""
offers "ringprobe --json port " "in out"
offers "ringprobe port -w 16 " "in out"
offers "ringprobe port -- " ""
offers "ringprobe port in -- -" ""

"$ringprobe" completion bash > "$work/ringprobe.bash"
"$ringprobe" completion zsh > "$work/_ringprobe"
check "bash reads its script" bash -n "$work/ringprobe.bash"
check "shellcheck finds nothing in bash's script" shellcheck -s bash "$work/ringprobe.bash"
check "zsh reads its script" zsh -n "$work/_ringprobe"
for shell in "bash ringprobe.bash" "zsh _ringprobe"; do
	read -r shell script <<< "$shell"
	check "completion $shell prints the same twice" same_twice "$shell" "$work/$script"
	check "completion $shell --json is one object with the script" one_object "$shell" "$work/$script"
done
for shell in "bash bash --norc --noprofile" "unbroken bash --norc --noprofile" "zsh zsh -f"; do
	read -r shell command <<< "$shell"
	check "$shell answers each of ${#typed[@]} lines" ask "$shell" "$command"
	for i in "${!typed[@]}"; do
		check "$shell: Tab after: ${typed[$i]}" answers "$i"
	done
done
check "zsh shows what each command does" explains "ringprobe " '.rows[].summary' help
for command in $commands; do
	check "zsh shows what each option of $command does" \
		explains "ringprobe $command -" '.rows[].help | sub("( \\(.*\\).*)|(: .*)"; "")' "$command" --help
done
finish
