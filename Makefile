# SPDX-License-Identifier: GPL-2.0
# What to build and run. kbuild reads Kbuild, never this file.

HOSTARCH ?= $(shell uname -m)
ifneq ($(HOSTARCH),x86_64)
ifneq ($(filter-out help clean,$(or $(MAKECMDGOALS),all)),)
$(error ringprobe is about the rings of x86-64 and this machine is $(HOSTARCH))
endif
endif

PREFIX ?= /usr/local
BASH_COMPLETIONS ?= $(PREFIX)/share/bash-completion/completions
ZSH_COMPLETIONS ?= $(PREFIX)/share/zsh/site-functions
CFLAGS ?= -O2 -g
PROBE_CFLAGS = -std=gnu11 -Wall -Wextra -Wshadow -Iinclude -Iinclude/uapi

probe_objs := $(patsubst %.c,%.o,$(wildcard probe/*.c))
version := $(shell sed -n 's/^.define RINGPROBE_VERSION "\(.*\)"/\1/p' include/ringprobe_version.h)

ifdef KDIR
override KDIR := $(abspath $(KDIR))
export KDIR
endif
export CMD UPDATE

all: module probe ## module and probe (the default)

module: ## ringprobe.ko [KDIR=kernel tree or headers]
	@dir=$$(tools/kernel build) && tools/kernel note && \
	$(MAKE) --no-print-directory -C "$$dir" M="$(CURDIR)" modules

# A copy, so that the objects of the two modules do not mix.
module-nops: ## debug-nops/ringprobe.ko, for the proof of the split [KDIR=]
	@mkdir -p debug-nops/module && cp -ru Kbuild include debug-nops && \
	cp -u module/*.[ch] debug-nops/module && \
	$(MAKE) --no-print-directory -C "$$(tools/kernel build)" M="$(CURDIR)/debug-nops" \
		RINGPROBE_CFLAGS=-DRINGPROBE_DEBUG_NOPS modules

probe: probe/ringprobe ## probe/ringprobe; fetches its libraries without root

probe/ringprobe: $(probe_objs) probe/flags
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(probe_objs) @probe/flags -lm

probe/%.o: probe/%.c probe/flags Makefile
	$(CC) $(CPPFLAGS) $(CFLAGS) $(PROBE_CFLAGS) -MMD -c -o $@ $< @probe/flags

# What the compiler's headers call each system call, by the number in either table.
probe/syscall_names.inc: Makefile
	@for bits in 64 32; do \
		echo "static const char *const names_$$bits[] = {"; \
		echo "#include <asm/unistd_$$bits.h>" | $(CC) $(CPPFLAGS) -E -dM -x c - | \
		sed -n 's/^#define __NR_\([a-z0-9_]*\) \([0-9]*\)$$/\t[\2] = "\1",/p' | sort -V; \
		echo "};"; \
	done > $@.new && grep -q '"getppid"' $@.new && mv $@.new $@

probe/callname.o: probe/syscall_names.inc

# Written only when it changes, so that it does not rebuild everything.
probe/flags: FORCE
	@flags=$$(tools/libs) && \
	{ [ "$$flags" = "$$(cat $@ 2>/dev/null)" ] || echo "$$flags" > $@; }

demo: ## everything from nothing: VM, tour, the host's proof [KDIR=]
	@tools/demo

check: ## the tests: module and probe, in VMs [KDIR=]
	@tools/check

bench: ## path lengths in insn, against the baseline [UPDATE=1] [KDIR=]
	@tools/bench

rivals: ## dd under monitor, perf, bpftrace, strace [UPDATE=1] [KDIR=]
	@tools/rivals

check-install: ## packages, DKMS, kernel updates, signing, in Debian roots (root)
	@tools/check-install

check-coverage: ## how much of policy, probe and module the tests run, in VMs
	@tools/coverage

check-mutants: ## which mistakes in the policy the tests notice [UPDATE=1]
	@tools/mutate

check-matrix: ## the tests on other kernels and CPUs [SHORT=1] [CELLS=] (root)
	@tools/check-matrix

check-debug: ## the tests and more under KASAN, lockdep [SHORT=1] [MACHINES=]
	@tools/check-debug

fuzz: ## calls by chance, led by coverage [CALLS=] [SEED=] [UPDATE=1]
	@tools/fuzz

lint: ## every static check, silent when clean
	@tools/lint

vm: ## a shell in the VM, or one command [CMD='...'] [KDIR=]
	@tools/provision build vm
	@$(MAKE) --no-print-directory all
	@tools/vm $${CMD:+"$$CMD"}

deb: ## Debian packages, in dist/, and lintian's opinion of them
	@tools/deb

sign: ## ringprobe.ko, for Secure Boot: KEY=file CERT=file [KDIR=]
	@tools/sign "$(KEY)" "$(CERT)" "$(or $(MODULE),ringprobe.ko)"

# First of all built, so that nothing is installed of what cannot be.
install: all install-probe install-module ## install both [DESTDIR=] [PREFIX=/usr/local] [KDIR=]

uninstall: uninstall-probe uninstall-module ## remove what install put there

# What goes where, but for the module: the one list, for installing and removing.
doc := $(PREFIX)/share/doc/ringprobe
installed = bin/ringprobe include/ringprobe.h include/ringprobe_netlink.h \
	share/man/man1/ringprobe.1 share/man/man4/ringprobe.4 share/man/man7/ringprobe-netlink.7 \
	share/ringprobe/ringprobe.yaml

install-probe: probe ## the probe alone, with manual pages and completion
	install -D -m 755 probe/ringprobe $(DESTDIR)$(PREFIX)/bin/ringprobe
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/include include/uapi/*.h
	install -D -m 644 docs/ringprobe.1 $(DESTDIR)$(PREFIX)/share/man/man1/ringprobe.1
	install -D -m 644 docs/ringprobe.4 $(DESTDIR)$(PREFIX)/share/man/man4/ringprobe.4
	install -D -m 644 docs/ringprobe-netlink.7 \
		$(DESTDIR)$(PREFIX)/share/man/man7/ringprobe-netlink.7
	install -D -m 644 docs/netlink/ringprobe.yaml $(DESTDIR)$(PREFIX)/share/ringprobe/ringprobe.yaml
	install -D -m 644 -t $(DESTDIR)$(doc)/examples docs/examples/*
	install -d $(DESTDIR)$(BASH_COMPLETIONS) $(DESTDIR)$(ZSH_COMPLETIONS)
	probe/ringprobe completion bash > $(DESTDIR)$(BASH_COMPLETIONS)/ringprobe
	probe/ringprobe completion zsh > $(DESTDIR)$(ZSH_COMPLETIONS)/_ringprobe

uninstall-probe:
	rm -f $(addprefix $(DESTDIR)$(PREFIX)/,$(installed))
	rm -f $(DESTDIR)$(BASH_COMPLETIONS)/ringprobe $(DESTDIR)$(ZSH_COMPLETIONS)/_ringprobe
	rm -rf $(DESTDIR)$(doc)
	dir="$(DESTDIR)$(PREFIX)/share/ringprobe" && \
		{ [ ! -d "$$dir" ] || rmdir --ignore-fail-on-non-empty "$$dir"; }

install-module: module ## the module alone, for the one kernel
	$(MAKE) --no-print-directory -C "$$(tools/kernel build)" M="$(CURDIR)" \
		INSTALL_MOD_PATH="$(DESTDIR)" INSTALL_MOD_DIR=updates $$(tools/kernel settings) modules_install
	$(if $(DESTDIR),,depmod "$$(tools/kernel release)")

uninstall-module:
	dir="$(DESTDIR)/lib/modules/$$(tools/kernel release)/updates" && rm -f "$$dir"/ringprobe.ko* && \
		{ [ ! -d "$$dir" ] || rmdir --ignore-fail-on-non-empty "$$dir"; }
	$(if $(DESTDIR),,depmod "$$(tools/kernel release)")

# What DKMS builds from, for this kernel and each that comes.
dkms_source := $(DESTDIR)/usr/src/ringprobe-$(version)

install-dkms: ## the module by DKMS, for this kernel and those to come [DESTDIR=]
	install -D -m 644 -t $(dkms_source) Kbuild
	install -D -m 644 -t $(dkms_source)/module module/*.[ch]
	install -D -m 644 -t $(dkms_source)/include include/*.h
	install -D -m 644 -t $(dkms_source)/include/uapi include/uapi/*.h
	sed 's/#MODULE_VERSION#/$(version)/' dkms.conf > $(dkms_source)/dkms.conf
	$(if $(DESTDIR),,dkms install "ringprobe/$(version)" -k "$$(tools/kernel release)")

uninstall-dkms: ## remove what install-dkms put there, for every kernel
	$(if $(DESTDIR),,dkms remove "ringprobe/$(version)" --all)
	rm -rf $(dkms_source)

clean: ## remove what was built, not the cache
	rm -f probe/*.o probe/*.d probe/flags probe/syscall_names.inc* probe/ringprobe
	rm -f ringprobe.o ringprobe.ko ringprobe.mod ringprobe.mod.[co] modules.order Module.symvers
	rm -f .*.cmd module/.*.cmd module/*.o
	rm -rf debug-nops dist
	@[ ! -e selftests/Makefile ] || $(MAKE) --no-print-directory -C selftests clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' Makefile | expand -t 16

FORCE:

.PHONY: all module module-nops probe demo check bench rivals check-install check-coverage check-mutants \
	check-matrix check-debug fuzz lint vm deb sign \
	install install-probe install-module install-dkms \
	uninstall uninstall-probe uninstall-module uninstall-dkms clean help FORCE

-include $(probe_objs:.o=.d)
