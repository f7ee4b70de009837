// SPDX-License-Identifier: GPL-2.0
/*
 * The picture of the boundary: ring 3 as it sees itself, ring 3 as the kernel
 * saved it, ring 0 as it sees itself; and what SYSCALL itself did of this.
 */
#include <string.h>
#include <unistd.h>

#include "dev.h"
#include "env.h"
#include "look.h"
#include "out.h"
#include "reach.h"
#include "show.h"

enum { LABEL = 2, SELF = 20, SAVED = 38, WALL = 55, RING0 = 57 };

static void head(const char *ring3_self, const char *ring3_saved, const char *ring0)
{
	out_to(SELF);
	out_role(OUT_STRONG);
	out_text("%s", ring3_self);
	out_to(SAVED);
	out_role(OUT_STRONG);
	out_text("%s", ring3_saved);
	out_to(WALL);
	out_text("%s", out_glyph(OUT_GLYPH_WALL));
	out_to(RING0);
	out_role(OUT_STRONG);
	out_line("%s", ring0);
}

/* One line of the picture: three numbers, each with a word behind it. */
static void line(const char *name, const char *label, const char *fmt,
		 const __u64 number[3], const char *const word[3], bool module)
{
	static const char *const key[3] = { "ring3_self", "ring3_saved", "ring0" };
	static const int column[3] = { SELF, SAVED, RING0 };

	out_row(name);
	out_to(LABEL);
	out_text("%s", label);
	for (int i = 0; i < 3; i++) {
		if (i == 2) {
			out_to(WALL);
			out_text("%s", out_glyph(OUT_GLYPH_WALL));
		}
		out_to(column[i]);
		if (i && !module) {
			out_text("?");
			continue;
		}
		out_uint(key[i], fmt, number[i]);
		out_text("%s", word[i]);
	}
	out_row_end();
}

static const char *mode_word(__u64 cpl)
{
	return cpl == 3 ? "  user mode" : cpl == 0 ? "  kernel mode" : "  neither";
}

static void picture(const struct look_self *self, const struct ringprobe_cpl *cpl, bool module)
{
	const __u64 cs[3] = { self->cs, cpl->user_cs, cpl->kernel_cs };
	const __u64 level[3] = { look_cpl(self->cs), cpl->user_cpl, cpl->kernel_cpl };
	const __u64 flag[3] = { self->rflags >> 9 & 1, cpl->user_rflags >> 9 & 1,
				cpl->kernel_rflags >> 9 & 1 };
	const __u64 iopl[3] = { self->rflags >> 12 & 3, cpl->user_rflags >> 12 & 3,
				cpl->kernel_rflags >> 12 & 3 };
	const __u64 high[3] = { self->stack_high, !!(cpl->state & RINGPROBE_CPL_USER_STACK_HIGH),
				!!(cpl->state & RINGPROBE_CPL_KERNEL_STACK_HIGH) };
	const char *none[3] = { "", "", "" }, *mode[3], *half[3];

	for (int i = 0; i < 3; i++) {
		mode[i] = mode_word(level[i]);
		half[i] = high[i] ? "  kernel half" : "  user half";
	}
	head("ring 3", "ring 3", "ring 0");
	head("this program", "as it was saved", "the module, for it");
	line("cs", "CS", "0x%04llx", cs, none, module);
	line("cpl", "CPL (CS bits 0-1)", "%llu", level, mode, module);
	line("interrupt_flag", "RFLAGS IF", "%llu", flag, none, module);
	line("iopl", "RFLAGS IOPL", "%llu", iopl, none, module);
	line("stack_high_half", "stack (address)", "%llu", high, half, module);
}

static const char *entry_name(__u32 entry)
{
	return entry == RINGPROBE_ENTRY_SYSCALL64 ? "SYSCALL (64-bit)" :
	       entry == RINGPROBE_ENTRY_INT80 ? "int $0x80 (from 64-bit code)" :
	       entry == RINGPROBE_ENTRY_COMPAT ? "32-bit code" : "an unknown door";
}

static void entered(const struct ringprobe_cpl *cpl)
{
	out_row("entered");
	out_to(LABEL);
	out_text("entered by");
	out_to(SELF);
	out_str("by", "%s", entry_name(cpl->entry));
	out_uint("cpu", ", on CPU %llu", cpl->cpu);
	out_bool("fred", cpl->state & RINGPROBE_CPL_FRED);
	out_text("%s", cpl->state & RINGPROBE_CPL_FRED ? ", delivered by FRED" : "");
	out_row_end();
}

static int judge(const struct look_self *self, const struct ringprobe_cpl *cpl, bool int80)
{
	bool proven = look_cpl(self->cs) == 3 && cpl->user_cpl == 3 && cpl->kernel_cpl == 0 &&
		      cpl->user_cs == self->cs &&
		      cpl->entry == (int80 ? RINGPROBE_ENTRY_INT80 : RINGPROBE_ENTRY_SYSCALL64);

	out_row("levels");
	out_bool("proven", proven);
	out_row_end();
	if (proven)
		return EXIT_PROVEN;
	out_error("the proof did not hold: CPL 3, 3 and 0 were expected, by the door asked for");
	return EXIT_FAILED;
}

int show_rings(int fd, bool int80)
{
	struct ringprobe_cpl cpl = { 0 };
	struct look_self self;
	int err = fd;

	look_self(&self);
	if (fd >= 0)
		err = int80 ? look_cpl_int80(fd, &cpl) : dev_cpl(fd, &cpl);
	picture(&self, &cpl, err >= 0);
	if (err >= 0) {
		entered(&cpl);
		return judge(&self, &cpl, int80);
	}
	if (fd >= 0) {
		out_error("the module refused CPL: %s", strerror(-err));
		return EXIT_FAILED;
	}
	out_row("needs");
	out_say("needs", LABEL, "?: needs the module, which is %s", reach_status(fd));
	out_next(LABEL, reach_next(fd));
	out_row_end();
	return look_cpl(self.cs) == 3 ? EXIT_PARTIAL : EXIT_FAILED;
}

/* The two values that SYSCALL should have saved, beside what they should be. */
static void saved(const char *name, const char *label, __u64 found, __u64 expected)
{
	out_row(name);
	out_to(LABEL);
	out_text("%s", label);
	out_to(SELF + 1);
	out_uint("found", "%#llx", found);
	out_uint("expected", found == expected ? " = %#llx" : " is not %#llx", expected);
	out_role(found == expected ? OUT_GOOD : OUT_BAD);
	out_text("  %s", found == expected ? "yes" : "NO");
	out_bool("equal", found == expected);
	out_row_end();
}

int show_syscall_saves(void)
{
	struct look_syscall look;

	look_syscall(&look);
	out_line("\n  SYSCALL itself, seen from ring 3 around one getppid():");
	if (look.untouched) {
		out_row("fred");
		out_say("text", LABEL, "RCX and R11 came back as they went in: this is FRED, "
			"which saves the return state in memory, on the stack that it switches to.");
		out_row_end();
		return EXIT_PROVEN;
	}
	saved("rcx", "RCX = next RIP", look.rcx, look.next_rip);
	saved("r11", "R11 = RFLAGS", look.r11, look.rflags);
	out_row("all_else");
	out_say("text", LABEL, "All else, the stack switch too, is kernel code (FRED, %s, differs).",
		env_get()->fred ? "unused here" : "not here");
	out_row_end();
	return look.rcx == look.next_rip && look.r11 == look.rflags ? EXIT_PROVEN : EXIT_FAILED;
}

int show_root(void)
{
	struct look_self self;

	if (geteuid())
		return EXIT_PROVEN;
	look_self(&self);
	out_row("root");
	out_role(OUT_STRONG);
	out_say("text", LABEL, "You are root, and still at CPL %u: the user's privilege and the CPU's "
		"are two.", look_cpl(self.cs));
	out_row_end();
	return EXIT_PROVEN;
}

static void protection(const char *name, bool on, const char *words)
{
	out_row(name);
	out_to(LABEL);
	out_text("%-13s", name);
	out_bool("on", on);
	out_text("%s", on ? "on " : "off");
	out_say(NULL, SELF, "%s", words);
	out_row_end();
}

static void registers(const struct ringprobe_cpl *cpl)
{
	const char *wide = out_is_wide() ? "  %#llx" : NULL;

	out_row("registers");
	out_text("%s", wide ? "  CR0, CR4, EFER" : "");
	out_uint("cr0", wide, cpl->cr0);
	out_uint("cr4", wide, cpl->cr4);
	out_uint("efer", wide, cpl->efer);
	out_row_end();
}

void show_protections(const struct ringprobe_cpl *cpl)
{
	__u32 state = cpl->state;

	out_line("\n  What keeps the rings apart on that CPU, and does this where it is on:");
	/* Intel SDM vol. 3, 2.5 "Control registers": bit 16 of CR0, bits of CR4 in the UAPI */
	protection("CR0.WP", cpl->cr0 >> 16 & 1, "ring 0, too, respects read-only pages");
	protection("CR4.SMEP", state & RINGPROBE_CPL_SMEP, "ring 0 cannot execute user pages");
	protection("CR4.SMAP", state & RINGPROBE_CPL_SMAP,
		   "ring 0 cannot touch user data unless it says so (STAC)");
	protection("CR4.UMIP", state & RINGPROBE_CPL_UMIP,
		   "ring 3 cannot ask where the kernel's tables lie (SGDT)");
	protection("CR4.FSGSBASE", state & RINGPROBE_CPL_FSGSBASE,
		   "ring 3 may set its own FS and GS base");
	protection("PTI", state & RINGPROBE_CPL_PTI,
		   "most kernel pages are not mapped while ring 3 runs");
	/* EFER bit 11, NXE; 0 if it could not be read */
	if (cpl->efer)
		protection("EFER.NXE", cpl->efer >> 11 & 1, "pages can be data only (no-execute)");
	registers(cpl);
}
