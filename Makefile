# SPDX-License-Identifier: GPL-2.0
# What to build and run. kbuild reads Kbuild, never this file.

HOSTARCH ?= $(shell uname -m)
ifneq ($(HOSTARCH),x86_64)
ifneq ($(filter-out help clean,$(or $(MAKECMDGOALS),all)),)
$(error ringprobe is about the rings of x86-64 and this machine is $(HOSTARCH))
endif
endif

PREFIX ?= /usr/local
CFLAGS ?= -O2 -g
PROBE_CFLAGS = -std=gnu11 -Wall -Wextra -Wshadow -Iinclude -Iinclude/uapi

probe_objs := $(patsubst %.c,%.o,$(wildcard probe/*.c))
man_pages := $(wildcard docs/*.1)

ifdef KDIR
override KDIR := $(abspath $(KDIR))
export KDIR
endif
export CMD

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
	$(CC) $(LDFLAGS) -o $@ $(probe_objs) @probe/flags -lm

probe/%.o: probe/%.c probe/flags Makefile
	$(CC) $(CFLAGS) $(PROBE_CFLAGS) -MMD -c -o $@ $< @probe/flags

# Written only when it changes, so that it does not rebuild everything.
probe/flags: FORCE
	@flags=$$(tools/libs) && \
	{ [ "$$flags" = "$$(cat $@ 2>/dev/null)" ] || echo "$$flags" > $@; }

demo: ## everything from nothing: VM, tour, the host's proof [KDIR=]
	@tools/demo

check: ## every test, in VMs [KDIR=]
	@tools/check

check-debug: ## the selftests under a KASAN and lockdep kernel (built once: 15 minutes)
	@tools/check-debug

lint: ## every static check, silent when clean
	@tools/lint

vm: ## a shell in the VM, or one command [CMD='...'] [KDIR=]
	@tools/provision build vm
	@$(MAKE) --no-print-directory all
	@tools/vm $${CMD:+"$$CMD"}

install: all ## install both [DESTDIR=] [PREFIX=/usr/local] [KDIR=]
	install -D -m 755 probe/ringprobe $(DESTDIR)$(PREFIX)/bin/ringprobe
	$(if $(man_pages),install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/man/man1 $(man_pages))
	$(MAKE) --no-print-directory -C "$$(tools/kernel build)" M="$(CURDIR)" \
		INSTALL_MOD_PATH="$(DESTDIR)" INSTALL_MOD_DIR=updates modules_install
	$(if $(DESTDIR),,depmod "$$(tools/kernel release)")

uninstall: ## remove what install put there
	rm -f $(DESTDIR)$(PREFIX)/bin/ringprobe
	rm -f $(patsubst docs/%,$(DESTDIR)$(PREFIX)/share/man/man1/%,$(man_pages))
	rm -f "$(DESTDIR)/lib/modules/$$(tools/kernel release)/updates/"ringprobe.ko*
	$(if $(DESTDIR),,depmod "$$(tools/kernel release)")

clean: ## remove what was built, not the cache
	rm -f probe/*.o probe/*.d probe/flags probe/ringprobe
	rm -f ringprobe.o ringprobe.ko ringprobe.mod ringprobe.mod.[co] modules.order Module.symvers
	rm -f .*.cmd module/.*.cmd module/*.o
	rm -rf debug-nops
	@[ ! -e selftests/Makefile ] || $(MAKE) --no-print-directory -C selftests clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' Makefile | expand -t 14

FORCE:

.PHONY: all module module-nops probe demo check check-debug lint vm install uninstall clean help FORCE

-include $(probe_objs:.o=.d)
