#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# docs/netlink/ringprobe.yaml is valid by the kernel's own schema for such files, and
# says the same as the header: every name, number and type, in both directions. Whether
# the module agrees is selftests/ynl.sh's to find out.
# shellcheck source=tools/tests/lib
. "${0%/*}/lib"
# shellcheck source=tools/lib
. tools/lib

header=include/uapi/ringprobe_netlink.h
spec=docs/netlink/ringprobe.yaml
tree=$(ynl_tree)
if [[ ! $tree ]] || ! python3 -c 'import yaml, jsonschema' 2> /dev/null; then
	echo "1..0 # SKIP needs a kernel tree with tools/net/ynl, and yaml and jsonschema of python3"
	exit 4
fi

# By the schema of the protocol that it names: valid FILE
valid()
{
	python3 - "$1" "$tree/Documentation/netlink" << 'END'
import sys
import jsonschema, yaml

spec = yaml.safe_load(open(sys.argv[1]))
schema = yaml.safe_load(open("%s/%s.yaml" % (sys.argv[2], spec["protocol"])))
jsonschema.Draft7Validator.check_schema(schema)
jsonschema.validate(spec, schema)
END
}

# The schema refuses it, once changed: refuses TEXT SED-COMMAND
refuses()
{
	sed "$2" "$spec" > "$work/wrong.yaml"
	! cmp "$spec" "$work/wrong.yaml" || return 1
	exits 1 "$1" valid "$work/wrong.yaml"
}

# What it has, a line each: from_yaml numbers|types|undescribed
from_yaml()
{
	python3 - "$spec" "$1" << 'END'
import sys
import yaml

spec = yaml.safe_load(open(sys.argv[1]))
family = spec["name"]
attributes, = spec["attribute-sets"]
operations = spec["operations"]

def show(name, value):
    print(name.upper().replace("-", "_"), value)

def numbered(entries, number):
    for entry in entries:
        number = entry.get("value", number)
        yield entry["name"], number
        number += 1

def numbers():
    show(family + "-family-name", family)
    for each in spec["definitions"]:
        name = family + "-" + each["name"]
        if each["type"] == "const":
            show(name, each["value"])
        else:
            for entry, bit in numbered(each["entries"], 0):
                show(name + "-" + entry, 1 << bit)
    for group in spec["mcast-groups"]["list"]:
        show(family + "-mcgrp-" + group["name"], group["name"])
    for name, number in numbered(operations["list"], 1):
        show(operations["name-prefix"] + name, number)
    for name, number in numbered(attributes["attributes"], 1):
        show(attributes["name-prefix"] + name, number)

def types():
    for entry in attributes["attributes"]:
        if entry["type"] != "pad":
            show(attributes["name-prefix"] + entry["name"], entry["type"])

def undescribed(node=spec):
    if isinstance(node, dict):
        if "name" in node and not node.get("doc", "").strip():
            print(node["name"])
        # a group may have no text of its own: the family's has it
        node = [value for key, value in node.items() if key != "mcast-groups"]
    if isinstance(node, list):
        for value in node:
            undescribed(value)

{"numbers": numbers, "types": types, "undescribed": undescribed}[sys.argv[2]]()
END
}

# All that the header defines and a client may use. The family's version is 1 for all
# files of this kind.
names()
{
	sed -nE 's/^\t(RINGPROBE_(A|CMD)_[A-Z_]+)[, ].*/\1/p
		s/^\t(RINGPROBE_(A|CMD)_[A-Z_]+),?$/\1/p
		s/^#define (RINGPROBE_[A-Z_]+)[[:space:]].*/\1/p' "$header" |
		grep -vE '_(UNSPEC|F_ALL|FAMILY_NAME|FAMILY_VERSION|A_MAX|CMD_MAX|MCGRP_EVENTS)$'
}

# ... with its number, as the compiler has it
from_header()
{
	{
		echo '#include <stdio.h>'
		echo '#include <ringprobe_netlink.h>'
		echo 'int main(void) {'
		echo 'puts("RINGPROBE_FAMILY_NAME " RINGPROBE_FAMILY_NAME);'
		echo 'puts("RINGPROBE_MCGRP_EVENTS " RINGPROBE_MCGRP_EVENTS);'
		names | sed 's/.*/printf("& %lld\\n", (long long)&);/'
		echo 'return 0; }'
	} > "$work/numbers.c"
	"${CC:-cc}" -Wall -Werror -Iinclude/uapi -o "$work/numbers" "$work/numbers.c" &&
		"$work/numbers"
}

# Comments say it, beside the name or above it.
types_of_header()
{
	awk '
	/^enum/ { above = "" }
	/^\t\/\* [a-z0-9]+: / { above = $2 }
	/^\tRINGPROBE_A_/ {
		type = above
		if (match($0, /\/\* [a-z0-9]+/))
			type = substr($0, RSTART + 3, RLENGTH - 3)
		sub(/:/, "", type)
		sub(/,.*/, "", $1)
		if (type != "")
			print $1, type
		above = ""
	}' "$header"
}

# same AT-LEAST FILE FILE: so many lines, in any order
same()
{
	diff <(sort "$2") <(sort "$3") && [[ $(wc -l < "$2") -ge $1 ]]
}

same_numbers()
{
	from_header > "$work/header" && from_yaml numbers > "$work/yaml" &&
		same 45 "$work/header" "$work/yaml"
}

same_types()
{
	types_of_header > "$work/header" && from_yaml types > "$work/yaml" &&
		same 29 "$work/header" "$work/yaml"
}

all_described()
{
	from_yaml undescribed | tee "$work/undescribed"
	[[ ${PIPESTATUS[0]} == 0 && ! -s $work/undescribed ]]
}

check "ringprobe.yaml: valid by the kernel's schema" valid "$spec"
check "... which refuses an unknown key" refuses "'multi-attribute' was unexpected" 's/multi-attr:/multi-attribute:/'
check "... and an unknown type" refuses "'text' is not one of" 's/type: string/type: text/'
check "ringprobe.yaml: describes all it has" all_described
check "ringprobe.yaml: names and numbers are the header's" same_numbers
check "ringprobe.yaml: types are the header's" same_types
finish
