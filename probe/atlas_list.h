/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The catalogue, one ATLAS() an entry: name, what runs before the instruction,
 * the instruction. ATLAS_BOTH(): 32-bit code takes the same text, too. ATLAS_EACH():
 * it takes another, the two strings that follow. ATLAS(): there is none, and
 * .why32 says why. Included by atlas.c, once to assemble it and once as a table.
 * Registers begin as run_registers() says: RSI and RDI point to scratch memory,
 * RSP to a stack. Bytes go to port 0x80 (POST), words to 0xe0, where a PC has
 * nothing. No entry would do harm if a CPU ran it after all.
 */
#define SELECTOR_KERNEL_CODE "0x10"	/* asm/segment.h, __KERNEL_CS */
#define SELECTOR_KERNEL_DATA "0x18"	/* __KERNEL_DS */
#define SELECTOR_USER_CODE "0x33"	/* __USER_CS */
#define SELECTOR_USER_DATA "0x2b"	/* __USER_DS */
#define PORT(port, bytes) ((port) << 8 | (bytes))

#define STRINGS_WHY "would work, not run: the module has IN and OUT only"
#define TABLES_WHY "would work, not run: a wrong table ends the machine"
#define WRITES_WHY "would work, not run: a wrong value ends the machine"
#define SAME_WHY "would do the same, not run"
#define LEAVES_WHY "would work, not run: it leaves the kernel's code"
#define VIRTUAL_WHY "not run: it is for hypervisors"
#define OOPS_WHY "would fault, not run: the kernel does not catch it"
#define OWN_WHY "not run: ring 3 is the point here"
#define ONLY64_WHY "64-bit mode only"
#define REX_WHY "64-bit mode only: CR8 takes a REX prefix"
#define REACH_WHY "32 bits do not reach that address"

/* 32-bit code does not know where it is: a call tells it. To the instruction after. */
#define NEXT_TO(register) "call 2f; 2: pop %" register "; add $1f - 2b, %" register

/* Ports: CPL against RFLAGS.IOPL, then the bitmap in the TSS */
ATLAS_BOTH(in_al_imm8, "", "inb $0x80, %al", .group = ATLAS_IO, .rule = RULE_PORT,
	.ring0 = RING0_IN, .arg0 = PORT(0x80, 1), .manual = "IN",
	.what = "Reads a byte from a port that the instruction names.")
ATLAS_BOTH(in_ax_imm8, "", "inw $0xe0, %ax", .group = ATLAS_IO, .rule = RULE_PORT,
	.ring0 = RING0_IN, .arg0 = PORT(0xe0, 2), .manual = "IN",
	.what = "Reads 16 bits from a port that the instruction names.")
ATLAS_BOTH(in_eax_imm8, "", "inl $0xe0, %eax", .group = ATLAS_IO, .rule = RULE_PORT,
	.ring0 = RING0_IN, .arg0 = PORT(0xe0, 4), .manual = "IN",
	.what = "Reads 32 bits from a port that the instruction names.")
ATLAS_BOTH(in_al_dx, "mov $0x80, %edx", "inb %dx, %al", .group = ATLAS_IO, .rule = RULE_PORT,
	.ring0 = RING0_IN, .arg0 = PORT(0x80, 1), .manual = "IN",
	.what = "Reads a byte from the port in DX.")
ATLAS_BOTH(in_ax_dx, "mov $0xe0, %edx", "inw %dx, %ax", .group = ATLAS_IO, .rule = RULE_PORT,
	.ring0 = RING0_IN, .arg0 = PORT(0xe0, 2), .manual = "IN",
	.what = "Reads 16 bits from the port in DX.")
ATLAS_BOTH(in_eax_dx, "mov $0xe0, %edx", "inl %dx, %eax", .group = ATLAS_IO, .rule = RULE_PORT,
	.ring0 = RING0_IN, .arg0 = PORT(0xe0, 4), .manual = "IN",
	.what = "Reads 32 bits from the port in DX.")
ATLAS_BOTH(out_imm8_al, "mov $0x42, %eax", "outb %al, $0x80", .group = ATLAS_IO, .rule = RULE_PORT,
	.ring0 = RING0_OUT, .arg0 = PORT(0x80, 1), .manual = "OUT",
	.what = "Writes a byte to a port that the instruction names.")
ATLAS_BOTH(out_imm8_ax, "mov $0x42, %eax", "outw %ax, $0xe0", .group = ATLAS_IO, .rule = RULE_PORT,
	.ring0 = RING0_OUT, .arg0 = PORT(0xe0, 2), .manual = "OUT",
	.what = "Writes 16 bits to a port that the instruction names.")
ATLAS_BOTH(out_imm8_eax, "mov $0x42, %eax", "outl %eax, $0xe0", .group = ATLAS_IO,
	.rule = RULE_PORT, .ring0 = RING0_OUT, .arg0 = PORT(0xe0, 4), .manual = "OUT",
	.what = "Writes 32 bits to a port that the instruction names.")
ATLAS_BOTH(out_dx_al, "mov $0x42, %eax; mov $0x80, %edx", "outb %al, %dx", .group = ATLAS_IO,
	.rule = RULE_PORT, .ring0 = RING0_OUT, .arg0 = PORT(0x80, 1), .manual = "OUT",
	.what = "Writes a byte to the port in DX.")
ATLAS_BOTH(out_dx_ax, "mov $0x42, %eax; mov $0xe0, %edx", "outw %ax, %dx", .group = ATLAS_IO,
	.rule = RULE_PORT, .ring0 = RING0_OUT, .arg0 = PORT(0xe0, 2), .manual = "OUT",
	.what = "Writes 16 bits to the port in DX.")
ATLAS_BOTH(out_dx_eax, "mov $0x42, %eax; mov $0xe0, %edx", "outl %eax, %dx", .group = ATLAS_IO,
	.rule = RULE_PORT, .ring0 = RING0_OUT, .arg0 = PORT(0xe0, 4), .manual = "OUT",
	.what = "Writes 32 bits to the port in DX.")
ATLAS_BOTH(insb, "mov $0x80, %edx", "insb", .group = ATLAS_IO, .rule = RULE_PORT,
	.why0 = STRINGS_WHY, .manual = "INS/INSB/INSW/INSD",
	.what = "Reads a byte from the port in DX to memory at RDI.")
ATLAS_BOTH(insw, "mov $0xe0, %edx", "insw", .group = ATLAS_IO, .rule = RULE_PORT,
	.why0 = STRINGS_WHY, .manual = "INS/INSB/INSW/INSD",
	.what = "Reads 16 bits from the port in DX to memory at RDI.")
ATLAS_BOTH(insl, "mov $0xe0, %edx", "insl", .group = ATLAS_IO, .rule = RULE_PORT,
	.why0 = STRINGS_WHY, .manual = "INS/INSB/INSW/INSD",
	.what = "Reads 32 bits from the port in DX to memory at RDI.")
ATLAS_BOTH(rep_insb, "mov $0x80, %edx; mov $1, %ecx", "rep insb", .group = ATLAS_IO,
	.rule = RULE_PORT, .why0 = STRINGS_WHY, .manual = "INS/INSB/INSW/INSD",
	.what = "Reads RCX bytes from the port in DX to memory at RDI.")
ATLAS_BOTH(rep_insw, "mov $0xe0, %edx; mov $1, %ecx", "rep insw", .group = ATLAS_IO,
	.rule = RULE_PORT, .why0 = STRINGS_WHY, .manual = "INS/INSB/INSW/INSD",
	.what = "Reads RCX words from the port in DX to memory at RDI.")
ATLAS_BOTH(rep_insl, "mov $0xe0, %edx; mov $1, %ecx", "rep insl", .group = ATLAS_IO,
	.rule = RULE_PORT, .why0 = STRINGS_WHY, .manual = "INS/INSB/INSW/INSD",
	.what = "Reads RCX doublewords from the port in DX to memory at RDI.")
ATLAS_BOTH(outsb, "mov $0x80, %edx", "outsb", .group = ATLAS_IO, .rule = RULE_PORT,
	.why0 = STRINGS_WHY, .manual = "OUTS/OUTSB/OUTSW/OUTSD",
	.what = "Writes a byte from memory at RSI to the port in DX.")
ATLAS_BOTH(outsw, "mov $0xe0, %edx", "outsw", .group = ATLAS_IO, .rule = RULE_PORT,
	.why0 = STRINGS_WHY, .manual = "OUTS/OUTSB/OUTSW/OUTSD",
	.what = "Writes 16 bits from memory at RSI to the port in DX.")
ATLAS_BOTH(outsl, "mov $0xe0, %edx", "outsl", .group = ATLAS_IO, .rule = RULE_PORT,
	.why0 = STRINGS_WHY, .manual = "OUTS/OUTSB/OUTSW/OUTSD",
	.what = "Writes 32 bits from memory at RSI to the port in DX.")
ATLAS_BOTH(rep_outsb, "mov $0x80, %edx; mov $1, %ecx", "rep outsb", .group = ATLAS_IO,
	.rule = RULE_PORT, .why0 = STRINGS_WHY, .manual = "OUTS/OUTSB/OUTSW/OUTSD",
	.what = "Writes RCX bytes from memory at RSI to the port in DX.")
ATLAS_BOTH(rep_outsw, "mov $0xe0, %edx; mov $1, %ecx", "rep outsw", .group = ATLAS_IO,
	.rule = RULE_PORT, .why0 = STRINGS_WHY, .manual = "OUTS/OUTSB/OUTSW/OUTSD",
	.what = "Writes RCX words from memory at RSI to the port in DX.")
ATLAS_BOTH(rep_outsl, "mov $0xe0, %edx; mov $1, %ecx", "rep outsl", .group = ATLAS_IO,
	.rule = RULE_PORT, .why0 = STRINGS_WHY, .manual = "OUTS/OUTSB/OUTSW/OUTSD",
	.what = "Writes RCX doublewords from memory at RSI to the port in DX.")
ATLAS_BOTH(cli, "", "cli", .group = ATLAS_IO, .rule = RULE_PORT,
	.ring0 = RING0_INSN, .arg0 = RINGPROBE_INSN_CLI_STI, .manual = "CLI",
	.what = "Clears RFLAGS.IF: the CPU takes no interrupts.")
ATLAS_BOTH(sti, "", "sti", .group = ATLAS_IO, .rule = RULE_PORT,
	.ring0 = RING0_INSN, .arg0 = RINGPROBE_INSN_CLI_STI, .manual = "STI",
	.what = "Sets RFLAGS.IF: the CPU takes interrupts again.")
ATLAS_BOTH(ioperm_in, "", "inb $0x80, %al", .group = ATLAS_IO, .rule = RULE_BITMAP,
	.grant = RUN_GRANT_POST, .why0 = SAME_WHY, .manual = "IN",
	.what = "The same after ioperm(0x80, 1, 1): the kernel has opened this port in the bitmap.")
ATLAS_BOTH(ioperm_out, "mov $0x42, %eax", "outb %al, $0x80", .group = ATLAS_IO, .rule = RULE_BITMAP,
	.grant = RUN_GRANT_POST, .why0 = SAME_WHY, .manual = "OUT",
	.what = "The same after ioperm(0x80, 1, 1): the kernel has opened this port in the bitmap.")
ATLAS_BOTH(ioperm_other, "", "inb $0xe0, %al", .group = ATLAS_IO, .rule = RULE_PORT,
	.grant = RUN_GRANT_POST, .why0 = SAME_WHY, .manual = "IN",
	.what = "Another port after ioperm(0x80, 1, 1): each port has a bit of its own.")
ATLAS_BOTH(ioperm_cli, "", "cli", .group = ATLAS_IO, .rule = RULE_PORT,
	.grant = RUN_GRANT_POST, .why0 = SAME_WHY, .manual = "CLI",
	.what = "CLI after ioperm(): the bitmap is about ports only.")
ATLAS_BOTH(iopl_in, "", "inb $0x80, %al", .group = ATLAS_IO, .rule = RULE_IOPL,
	.grant = RUN_GRANT_ALL_PORTS, .why0 = SAME_WHY, .manual = "IN",
	.what = "The same after iopl(3): Linux opens the bitmap and leaves RFLAGS.IOPL alone.")
ATLAS_BOTH(iopl_out, "mov $0x42, %eax", "outb %al, $0x80", .group = ATLAS_IO, .rule = RULE_IOPL,
	.grant = RUN_GRANT_ALL_PORTS, .why0 = SAME_WHY, .manual = "OUT",
	.what = "The same after iopl(3): Linux opens the bitmap and leaves RFLAGS.IOPL alone.")
ATLAS_BOTH(iopl_cli, "", "cli", .group = ATLAS_IO, .rule = RULE_IOPL_FLAG,
	.grant = RUN_GRANT_ALL_PORTS, .why0 = SAME_WHY, .manual = "CLI",
	.what = "Myth: \"iopl(3) lets you cli\". It raises #GP, and Linux skips it.")
ATLAS_BOTH(iopl_sti, "", "sti", .group = ATLAS_IO, .rule = RULE_IOPL_FLAG,
	.grant = RUN_GRANT_ALL_PORTS, .why0 = SAME_WHY, .manual = "STI",
	.what = "Myth: \"iopl(3) lets you sti\". It raises #GP, and Linux skips it.")
ATLAS_EACH(iopl_pushf, "", "pushfq",
	"", "pushfl",
	.group = ATLAS_IO, .rule = RULE_WORKS, .grant = RUN_GRANT_ALL_PORTS, .why0 = SAME_WHY,
	.manual = "PUSHF/PUSHFD/PUSHFQ",
	.what = "RFLAGS after iopl(3): IOPL is still 0, since Linux 5.5.")

/* Privileged: the CPU looks at CPL, and at nothing else */
ATLAS_BOTH(hlt, "", "hlt", .group = ATLAS_PRIVILEGED, .rule = RULE_CPL,
	.ring0 = RING0_INSN, .arg0 = RINGPROBE_INSN_HLT, .manual = "HLT",
	.what = "Stops the CPU until an interrupt comes.")
ATLAS_BOTH(invd, "", "invd", .group = ATLAS_PRIVILEGED, .rule = RULE_CPL,
	.why0 = "would work, not run: what is not written back is lost", .manual = "INVD",
	.what = "Empties the caches without writing them back.")
ATLAS_BOTH(wbinvd, "", "wbinvd", .group = ATLAS_PRIVILEGED, .rule = RULE_CPL,
	.why0 = "would work, not run: it stalls every CPU", .manual = "WBINVD",
	.what = "Writes all caches back and empties them.")
ATLAS_BOTH(wbnoinvd, "", "wbnoinvd", .group = ATLAS_PRIVILEGED, .rule = RULE_CPL,
	.why0 = "would work, not run: it stalls every CPU", .manual = "WBNOINVD",
	.what = "Writes all caches back; CPUs without it run WBINVD.")
ATLAS_EACH(invlpg, "", "invlpg (%rdi)",
	"", "invlpg (%edi)",
	.group = ATLAS_PRIVILEGED, .rule = RULE_CPL, .ring0 = RING0_INSN,
	.arg0 = RINGPROBE_INSN_INVLPG, .manual = "INVLPG",
	.what = "Drops one page's translation from the TLB.")
ATLAS_EACH(invpcid, "xor %eax, %eax", "invpcid (%rdi), %rax",
	"xor %eax, %eax", "invpcid (%edi), %eax",
	.group = ATLAS_PRIVILEGED, .rule = RULE_CPL, .needs = ATLAS_INVPCID,
	.why0 = "would work, not run: invlpg shows it", .manual = "INVPCID",
	.what = "Drops translations of one address space from the TLB.")
ATLAS_BOTH(rdmsr, "mov $0xc0000080, %ecx", "rdmsr", .group = ATLAS_PRIVILEGED, .rule = RULE_CPL,
	.ring0 = RING0_INSN, .arg0 = RINGPROBE_INSN_RDMSR_EFER, .manual = "RDMSR",
	.what = "Reads a model-specific register: here EFER.")
ATLAS_BOTH(rdmsr_star, "mov $0xc0000081, %ecx", "rdmsr", .group = ATLAS_PRIVILEGED,
	.rule = RULE_CPL, .ring0 = RING0_INSN, .arg0 = RINGPROBE_INSN_RDMSR_STAR, .manual = "RDMSR",
	.what = "Reads STAR: the selectors that SYSCALL and SYSRET load.")
ATLAS_BOTH(rdmsr_lstar, "mov $0xc0000082, %ecx", "rdmsr", .group = ATLAS_PRIVILEGED,
	.rule = RULE_CPL, .ring0 = RING0_INSN, .arg0 = RINGPROBE_INSN_RDMSR_LSTAR,
	.manual = "RDMSR", .what = "Reads LSTAR: where SYSCALL enters the kernel.")
ATLAS_BOTH(rdmsr_unknown, "mov $0x400000ff, %ecx", "rdmsr", .group = ATLAS_PRIVILEGED,
	.rule = RULE_CPL, .ring0 = RING0_INSN, .arg0 = RINGPROBE_INSN_RDMSR_UNKNOWN,
	.refused0 = true, .manual = "RDMSR",
	.what = "Reads an MSR that no CPU has: #GP in ring 0, too.")
ATLAS_BOTH(wrmsr, "mov $0x8b, %ecx; xor %eax, %eax; xor %edx, %edx", "wrmsr",
	.group = ATLAS_PRIVILEGED, .rule = RULE_CPL, .why0 = WRITES_WHY, .manual = "WRMSR",
	.what = "Writes a model-specific register.")
ATLAS_BOTH(rdpmc, "xor %ecx, %ecx", "rdpmc", .group = ATLAS_PRIVILEGED, .rule = RULE_CPL,
	.ring0 = RING0_INSN, .arg0 = RINGPROBE_INSN_RDPMC, .manual = "RDPMC",
	.what = "Reads a performance counter: for ring 3 only with CR4.PCE.")
ATLAS(swapgs, "", "swapgs", .group = ATLAS_PRIVILEGED, .rule = RULE_CPL,
	.why0 = "would work, not run: an NMI in between would find the wrong GS",
	.why32 = ONLY64_WHY, .manual = "SWAPGS",
	.what = "Exchanges the user's GS base for the kernel's.")
ATLAS_EACH(sysretq, "lea 1f(%rip), %rcx; pushfq; pop %r11", "sysretq",
	NEXT_TO("ecx"), "sysretl",
	.group = ATLAS_PRIVILEGED, .rule = RULE_SYSRET, .why0 = LEAVES_WHY, .manual = "SYSRET",
	.what = "Goes back to ring 3: what SYSCALL is left by.")
ATLAS_EACH(sysexit, "lea 1f(%rip), %rdx; mov %rsp, %rcx", "sysexitl",
	NEXT_TO("edx") "; mov %esp, %ecx", "sysexit",
	.group = ATLAS_PRIVILEGED, .rule = RULE_SYSEXIT, .why0 = LEAVES_WHY, .manual = "SYSEXIT",
	.what = "Goes back to ring 3: what SYSENTER is left by.")
ATLAS_EACH(iretq, "mov %rsp, %rax; pushq $" SELECTOR_KERNEL_DATA "; push %rax; pushfq; "
	"pushq $" SELECTOR_KERNEL_CODE "; lea 1f(%rip), %rax; push %rax", "iretq",
	NEXT_TO("edx") "; mov %esp, %eax; push $" SELECTOR_KERNEL_DATA "; push %eax; pushfl; "
	"push $" SELECTOR_KERNEL_CODE "; push %edx", "iretl",
	.group = ATLAS_PRIVILEGED, .rule = RULE_SELECTOR, .error = 0x10, .why0 = LEAVES_WHY,
	.manual = "IRET/IRETD/IRETQ",
	.what = "Returns from an interrupt: here to ring 0's selector.")
ATLAS_BOTH(xsetbv, "xor %ecx, %ecx; xgetbv", "xsetbv", .group = ATLAS_PRIVILEGED, .rule = RULE_CPL,
	.needs = ATLAS_XSAVE, .why0 = WRITES_WHY, .manual = "XSETBV",
	.what = "Writes XCR0: which register sets the CPU saves.")
ATLAS_EACH(monitor, "mov %rdi, %rax; xor %ecx, %ecx; xor %edx, %edx", "monitor %rax, %ecx, %edx",
	"mov %edi, %eax; xor %ecx, %ecx; xor %edx, %edx", "monitor %eax, %ecx, %edx",
	.group = ATLAS_PRIVILEGED, .rule = RULE_NOT_AT_CPL3, .needs = ATLAS_MONITOR,
	.why0 = "would work, not run: it is half of a pair", .manual = "MONITOR",
	.what = "Names the memory that MWAIT waits for.")
ATLAS_BOTH(mwait, "xor %eax, %eax; xor %ecx, %ecx", "mwait %eax, %ecx",
	.group = ATLAS_PRIVILEGED, .rule = RULE_NOT_AT_CPL3, .needs = ATLAS_MONITOR,
	.why0 = "would work, not run: hlt shows it", .manual = "MWAIT",
	.what = "Waits for a write to the memory that MONITOR named.")
ATLAS_BOTH(stac, "", "stac", .group = ATLAS_PRIVILEGED, .rule = RULE_NOT_AT_CPL3,
	.needs = ATLAS_SMAP, .ring0 = RING0_INSN, .arg0 = RINGPROBE_INSN_STAC_CLAC,
	.manual = "STAC", .what = "Lets the kernel touch user pages in spite of SMAP.")
ATLAS_BOTH(clac, "", "clac", .group = ATLAS_PRIVILEGED, .rule = RULE_NOT_AT_CPL3,
	.needs = ATLAS_SMAP, .ring0 = RING0_INSN, .arg0 = RINGPROBE_INSN_STAC_CLAC,
	.manual = "CLAC", .what = "Keeps the kernel from touching user pages again.")
ATLAS_BOTH(vmcall, "mov $0xffff, %eax", "vmcall", .group = ATLAS_PRIVILEGED,
	.rule = RULE_HYPERCALL, .why0 = VIRTUAL_WHY, .manual = "VMCALL",
	.what = "Calls the hypervisor, on Intel's CPUs.")
ATLAS_BOTH(vmmcall, "mov $0xffff, %eax", "vmmcall", .group = ATLAS_PRIVILEGED,
	.rule = RULE_HYPERCALL, .why0 = VIRTUAL_WHY, .manual = "VMMCALL",
	.what = "Calls the hypervisor, on AMD's CPUs.")
ATLAS_EACH(vmxon, "", "vmxon (%rdi)",
	"", "vmxon (%edi)",
	.group = ATLAS_PRIVILEGED, .rule = RULE_VMXON, .why0 = VIRTUAL_WHY, .manual = "VMXON",
	.what = "Begins virtualization, on Intel's CPUs.")
ATLAS_EACH(vmrun, "mov %rdi, %rax", "vmrun %rax",
	"mov %edi, %eax", "vmrun %eax",
	.group = ATLAS_PRIVILEGED, .rule = RULE_VMRUN, .why0 = VIRTUAL_WHY, .manual = "VMRUN",
	.what = "Starts a guest, on AMD's CPUs.")

/* Control and debug registers */
ATLAS_EACH(mov_from_cr0, "", "mov %cr0, %rax",
	"", "mov %cr0, %eax",
	.group = ATLAS_STATE, .rule = RULE_CPL, .ring0 = RING0_INSN,
	.arg0 = RINGPROBE_INSN_READ_CR0, .manual = "MOV-Control Registers",
	.what = "Reads CR0: paging, write protection, FPU.")
ATLAS_EACH(mov_to_cr0, "mov $0x80050033, %eax", "mov %rax, %cr0",
	"mov $0x80050033, %eax", "mov %eax, %cr0",
	.group = ATLAS_STATE, .rule = RULE_CPL, .why0 = WRITES_WHY,
	.manual = "MOV-Control Registers", .what = "Writes CR0.")
ATLAS_EACH(mov_from_cr2, "", "mov %cr2, %rax",
	"", "mov %cr2, %eax",
	.group = ATLAS_STATE, .rule = RULE_CPL, .ring0 = RING0_INSN,
	.arg0 = RINGPROBE_INSN_READ_CR2, .manual = "MOV-Control Registers",
	.what = "Reads CR2: the address of the last page fault.")
ATLAS_EACH(mov_to_cr2, "xor %eax, %eax", "mov %rax, %cr2",
	"xor %eax, %eax", "mov %eax, %cr2",
	.group = ATLAS_STATE, .rule = RULE_CPL, .why0 = WRITES_WHY,
	.manual = "MOV-Control Registers", .what = "Writes CR2.")
ATLAS_EACH(mov_from_cr3, "", "mov %cr3, %rax",
	"", "mov %cr3, %eax",
	.group = ATLAS_STATE, .rule = RULE_CPL, .ring0 = RING0_INSN,
	.arg0 = RINGPROBE_INSN_READ_CR3, .manual = "MOV-Control Registers",
	.what = "Reads CR3: where the page tables begin.")
ATLAS_EACH(mov_to_cr3, "xor %eax, %eax", "mov %rax, %cr3",
	"xor %eax, %eax", "mov %eax, %cr3",
	.group = ATLAS_STATE, .rule = RULE_CPL, .why0 = WRITES_WHY,
	.manual = "MOV-Control Registers", .what = "Writes CR3: changes the address space.")
ATLAS_EACH(mov_from_cr4, "", "mov %cr4, %rax",
	"", "mov %cr4, %eax",
	.group = ATLAS_STATE, .rule = RULE_CPL, .ring0 = RING0_INSN,
	.arg0 = RINGPROBE_INSN_READ_CR4, .manual = "MOV-Control Registers",
	.what = "Reads CR4: SMEP, SMAP, UMIP, PKE, FSGSBASE.")
ATLAS_EACH(mov_to_cr4, "mov $0x6f0, %eax", "mov %rax, %cr4",
	"mov $0x6f0, %eax", "mov %eax, %cr4",
	.group = ATLAS_STATE, .rule = RULE_CPL, .why0 = WRITES_WHY,
	.manual = "MOV-Control Registers", .what = "Writes CR4.")
ATLAS(mov_from_cr8, "", "mov %cr8, %rax", .group = ATLAS_STATE, .rule = RULE_CPL,
	.ring0 = RING0_INSN, .arg0 = RINGPROBE_INSN_READ_CR8, .why32 = REX_WHY,
	.manual = "MOV-Control Registers",
	.what = "Reads CR8: below which priority interrupts wait.")
ATLAS(mov_to_cr8, "xor %eax, %eax", "mov %rax, %cr8", .group = ATLAS_STATE, .rule = RULE_CPL,
	.why0 = WRITES_WHY, .why32 = REX_WHY, .manual = "MOV-Control Registers",
	.what = "Writes CR8.")
ATLAS_EACH(mov_from_dr0, "", "mov %dr0, %rax",
	"", "mov %dr0, %eax",
	.group = ATLAS_STATE, .rule = RULE_CPL, .why0 = "would work, not run: it holds an address",
	.manual = "MOV-Debug Registers", .what = "Reads DR0: the address of a breakpoint.")
ATLAS_EACH(mov_to_dr0, "xor %eax, %eax", "mov %rax, %dr0",
	"xor %eax, %eax", "mov %eax, %dr0",
	.group = ATLAS_STATE, .rule = RULE_CPL, .why0 = WRITES_WHY, .manual = "MOV-Debug Registers",
	.what = "Writes DR0.")
ATLAS_EACH(mov_from_dr7, "", "mov %dr7, %rax",
	"", "mov %dr7, %eax",
	.group = ATLAS_STATE, .rule = RULE_CPL, .ring0 = RING0_INSN,
	.arg0 = RINGPROBE_INSN_READ_DR7, .manual = "MOV-Debug Registers",
	.what = "Reads DR7: which breakpoints are on.")
ATLAS_EACH(mov_to_dr7, "mov $0x400, %eax", "mov %rax, %dr7",
	"mov $0x400, %eax", "mov %eax, %dr7",
	.group = ATLAS_STATE, .rule = RULE_CPL, .why0 = WRITES_WHY, .manual = "MOV-Debug Registers",
	.what = "Writes DR7.")
ATLAS_BOTH(lmsw, "mov $0x33, %eax", "lmsw %ax", .group = ATLAS_STATE, .rule = RULE_CPL,
	.why0 = WRITES_WHY, .manual = "LMSW", .what = "Writes the low bits of CR0.")
ATLAS_BOTH(clts, "", "clts", .group = ATLAS_STATE, .rule = RULE_CPL,
	.ring0 = RING0_INSN, .arg0 = RINGPROBE_INSN_CLTS, .manual = "CLTS",
	.what = "Clears CR0.TS, the task-switched flag.")
ATLAS_EACH(smsw, "", "smsw %rax",
	"", "smsw %eax",
	.group = ATLAS_STATE, .rule = RULE_UMIP, .ring0 = RING0_INSN, .arg0 = RINGPROBE_INSN_SMSW,
	.manual = "SMSW", .what = "Reads the low half of CR0; for everybody, until UMIP came.")
ATLAS_BOTH(xgetbv_0, "xor %ecx, %ecx", "xgetbv", .group = ATLAS_STATE, .rule = RULE_WORKS,
	.needs = ATLAS_XSAVE, .ring0 = RING0_INSN, .arg0 = RINGPROBE_INSN_XGETBV_0,
	.manual = "XGETBV", .what = "Reads XCR0: which register sets are on.")
ATLAS_BOTH(xgetbv_7, "mov $7, %ecx", "xgetbv", .group = ATLAS_STATE, .rule = RULE_RESERVED,
	.needs = ATLAS_XSAVE, .ring0 = RING0_INSN, .arg0 = RINGPROBE_INSN_XGETBV_7,
	.refused0 = true, .manual = "XGETBV",
	.what = "Reads an XCR that does not exist: #GP in ring 0, too.")

/* Descriptor tables, selectors */
ATLAS_EACH(lgdt, "", "lgdt (%rdi)",
	"", "lgdt (%edi)",
	.group = ATLAS_DESCRIPTOR, .rule = RULE_CPL, .why0 = TABLES_WHY, .manual = "LGDT/LIDT",
	.what = "Loads the table of segments.")
ATLAS_EACH(lidt, "", "lidt (%rdi)",
	"", "lidt (%edi)",
	.group = ATLAS_DESCRIPTOR, .rule = RULE_CPL, .why0 = TABLES_WHY, .manual = "LGDT/LIDT",
	.what = "Loads the table of interrupt gates.")
ATLAS_BOTH(lldt, "xor %eax, %eax", "lldt %ax", .group = ATLAS_DESCRIPTOR, .rule = RULE_CPL,
	.why0 = TABLES_WHY, .manual = "LLDT", .what = "Loads the local descriptor table.")
ATLAS_BOTH(ltr, "xor %eax, %eax", "ltr %ax", .group = ATLAS_DESCRIPTOR, .rule = RULE_CPL,
	.why0 = TABLES_WHY, .manual = "LTR", .what = "Loads the task register.")
ATLAS_EACH(sgdt, "", "sgdt (%rdi)",
	"", "sgdt (%edi)",
	.group = ATLAS_DESCRIPTOR, .rule = RULE_UMIP, .ring0 = RING0_INSN,
	.arg0 = RINGPROBE_INSN_SGDT, .manual = "SGDT",
	.what = "Tells where the GDT lies: for everybody, until UMIP came.")
ATLAS_EACH(sidt, "", "sidt (%rdi)",
	"", "sidt (%edi)",
	.group = ATLAS_DESCRIPTOR, .rule = RULE_UMIP, .ring0 = RING0_INSN,
	.arg0 = RINGPROBE_INSN_SIDT, .manual = "SIDT",
	.what = "Tells where the IDT lies: for everybody, until UMIP came.")
ATLAS_EACH(sldt, "", "sldt %rax",
	"", "sldt %eax",
	.group = ATLAS_DESCRIPTOR, .rule = RULE_UMIP, .ring0 = RING0_INSN,
	.arg0 = RINGPROBE_INSN_SLDT, .manual = "SLDT",
	.what = "Tells the LDT's selector: for everybody, until UMIP came.")
ATLAS_EACH(str, "", "str %rax",
	"", "str %eax",
	.group = ATLAS_DESCRIPTOR, .rule = RULE_UMIP, .ring0 = RING0_INSN,
	.arg0 = RINGPROBE_INSN_STR, .manual = "STR",
	.what = "Tells the task's selector: for everybody, until UMIP came.")
ATLAS_BOTH(lar_user, "mov $" SELECTOR_USER_CODE ", %ecx", "lar %ecx, %eax",
	.group = ATLAS_DESCRIPTOR, .rule = RULE_ANSWER, .error = 1, .ring0 = RING0_INSN,
	.arg0 = RINGPROBE_INSN_LAR | 0x33 << 16, .manual = "LAR",
	.what = "Reads the access rights of the user's code segment: DPL 3.")
ATLAS_BOTH(lar_kernel, "mov $" SELECTOR_KERNEL_CODE ", %ecx", "lar %ecx, %eax",
	.group = ATLAS_DESCRIPTOR, .rule = RULE_ANSWER, .error = 0, .ring0 = RING0_INSN,
	.arg0 = RINGPROBE_INSN_LAR | 0x10 << 16, .manual = "LAR",
	.what = "Reads the kernel's: no fault, but ZF = 0, it is not for you.")
ATLAS_EACH(lar_gdt, "mov $0xfffb, %r9d; xor %eax, %eax; mov %rax, (%rdi); mov %rax, 8(%rdi)",
	"2: lar %r9d, %eax; jnz 3f; shr $13, %eax; and $3, %eax; incl (%rdi,%rax,4); "
	"3: sub $8, %r9d; jns 2b",
	"mov $0xfffb, %edx; xor %eax, %eax; mov %eax, (%edi); mov %eax, 4(%edi); "
	"mov %eax, 8(%edi); mov %eax, 12(%edi)",
	"2: lar %edx, %eax; jnz 3f; shr $13, %eax; and $3, %eax; incl (%edi,%eax,4); "
	"3: sub $8, %edx; jns 2b",
	.group = ATLAS_DESCRIPTOR, .rule = RULE_WORKS, .ring0 = RING0_LAR, .manual = "LAR",
	.what = "Counts the GDT's descriptors by their DPL: where are rings 1 and 2?")
ATLAS_BOTH(lsl_user, "mov $" SELECTOR_USER_CODE ", %ecx", "lsl %ecx, %eax",
	.group = ATLAS_DESCRIPTOR, .rule = RULE_ANSWER, .error = 1, .why0 = SAME_WHY,
	.manual = "LSL", .what = "Reads the limit of the user's code segment.")
ATLAS_BOTH(lsl_kernel, "mov $" SELECTOR_KERNEL_CODE ", %ecx", "lsl %ecx, %eax",
	.group = ATLAS_DESCRIPTOR, .rule = RULE_ANSWER, .error = 0,
	.why0 = "would work, not run: lar shows it", .manual = "LSL",
	.what = "Reads the kernel's: no fault, but ZF = 0.")
ATLAS_BOTH(verr_user, "mov $" SELECTOR_USER_DATA ", %ecx", "verr %cx", .group = ATLAS_DESCRIPTOR,
	.rule = RULE_ANSWER, .error = 1, .why0 = SAME_WHY, .manual = "VERR/VERW",
	.what = "May this segment be read? ZF = 1: yes.")
ATLAS_BOTH(verr_kernel, "mov $" SELECTOR_KERNEL_DATA ", %ecx", "verr %cx",
	.group = ATLAS_DESCRIPTOR, .rule = RULE_ANSWER, .error = 0, .why0 = SAME_WHY,
	.manual = "VERR/VERW", .what = "May the kernel's segment be read? ZF = 0: no.")
ATLAS_BOTH(verw_user, "mov $" SELECTOR_USER_DATA ", %ecx", "verw %cx", .group = ATLAS_DESCRIPTOR,
	.rule = RULE_ANSWER, .error = 1, .why0 = SAME_WHY, .manual = "VERR/VERW",
	.what = "May this segment be written? Since 2019 it also clears CPU buffers.")
ATLAS_BOTH(verw_kernel, "mov $" SELECTOR_KERNEL_DATA ", %ecx", "verw %cx",
	.group = ATLAS_DESCRIPTOR, .rule = RULE_ANSWER, .error = 0, .why0 = SAME_WHY,
	.manual = "VERR/VERW", .what = "May the kernel's segment be written? ZF = 0: no.")
ATLAS_BOTH(mov_ss, "mov $" SELECTOR_KERNEL_DATA ", %eax", "mov %eax, %ss",
	.group = ATLAS_DESCRIPTOR, .rule = RULE_SELECTOR, .error = 0x18, .why0 = SAME_WHY,
	.manual = "MOV", .what = "Loads the kernel's data segment as the stack segment.")
ATLAS_EACH(far_jump, "lea 1f(%rip), %rax; mov %eax, (%rdi); "
	"movw $" SELECTOR_KERNEL_CODE ", 4(%rdi)", "ljmpl *(%rdi)",
	NEXT_TO("eax") "; mov %eax, (%edi); movw $" SELECTOR_KERNEL_CODE ", 4(%edi)",
	"ljmpl *(%edi)",
	.group = ATLAS_DESCRIPTOR, .rule = RULE_SELECTOR, .error = 0x10, .why0 = SAME_WHY,
	.manual = "JMP", .what = "Jumps to the kernel's code segment.")
ATLAS_EACH(far_call, "lea 1f(%rip), %rax; mov %eax, (%rdi); "
	"movw $" SELECTOR_KERNEL_CODE ", 4(%rdi)", "lcalll *(%rdi)",
	NEXT_TO("eax") "; mov %eax, (%edi); movw $" SELECTOR_KERNEL_CODE ", 4(%edi)",
	"lcalll *(%edi)",
	.group = ATLAS_DESCRIPTOR, .rule = RULE_SELECTOR, .error = 0x10, .why0 = SAME_WHY,
	.manual = "CALL", .what = "Calls through the kernel's code segment.")

/* Sensitive: open to all, unless the kernel has set a bit */
ATLAS_EACH(pushf, "", "pushfq",
	"", "pushfl",
	.group = ATLAS_SENSITIVE, .rule = RULE_WORKS, .ring0 = RING0_INSN,
	.arg0 = RINGPROBE_INSN_PUSHF, .manual = "PUSHF/PUSHFD/PUSHFQ",
	.what = "Shows RFLAGS, IF and IOPL among them, to everybody.")
ATLAS_EACH(popf_if, "pushq $0x002", "popfq",
	"push $0x002", "popfl",
	.group = ATLAS_SENSITIVE, .rule = RULE_IGNORED, .error = 0x200, .ring0 = RING0_INSN,
	.arg0 = RINGPROBE_INSN_CLI_STI, .manual = "POPF/POPFD/POPFQ",
	.what = "Clears RFLAGS.IF: nothing is raised, and nothing happens.")
ATLAS_EACH(popf_iopl, "pushq $0x3202", "popfq",
	"push $0x3202", "popfl",
	.group = ATLAS_SENSITIVE, .rule = RULE_IGNORED, .error = 0x3000,
	.why0 = "would work, not run: ring 3 would get all ports", .manual = "POPF/POPFD/POPFQ",
	.what = "Sets RFLAGS.IOPL to 3: nothing is raised, and nothing happens.")
ATLAS_BOTH(rdtsc, "", "rdtsc", .group = ATLAS_SENSITIVE, .rule = RULE_WORKS, .why0 = SAME_WHY,
	.manual = "RDTSC", .what = "Reads the time-stamp counter.")
ATLAS_BOTH(rdtsc_forbidden, "", "rdtsc", .group = ATLAS_SENSITIVE, .rule = RULE_FORBIDDEN,
	.setup = RUN_SETUP_NO_TSC, .why0 = "would work, not run: CR4.TSD is for ring 3",
	.manual = "RDTSC",
	.what = "The same after prctl(PR_SET_TSC): CR4.TSD is set for this task.")
ATLAS_BOTH(rdtscp, "", "rdtscp", .group = ATLAS_SENSITIVE, .rule = RULE_WORKS,
	.needs = ATLAS_RDTSCP, .why0 = SAME_WHY, .manual = "RDTSCP",
	.what = "Reads the time-stamp counter and the CPU's number.")
ATLAS_BOTH(rdtscp_forbidden, "", "rdtscp", .group = ATLAS_SENSITIVE, .rule = RULE_FORBIDDEN,
	.needs = ATLAS_RDTSCP, .setup = RUN_SETUP_NO_TSC,
	.why0 = "would work, not run: CR4.TSD is for ring 3", .manual = "RDTSCP",
	.what = "The same after prctl(PR_SET_TSC): CR4.TSD is set for this task.")
ATLAS_BOTH(cpuid, "xor %eax, %eax", "cpuid", .group = ATLAS_SENSITIVE, .rule = RULE_WORKS,
	.why0 = SAME_WHY, .manual = "CPUID",
	.what = "Tells what the CPU is; a hypervisor may answer.")
ATLAS_BOTH(cpuid_forbidden, "xor %eax, %eax", "cpuid", .group = ATLAS_SENSITIVE,
	.rule = RULE_FORBIDDEN, .needs = ATLAS_CPUID_FAULT, .setup = RUN_SETUP_NO_CPUID,
	.why0 = "would work, not run: the bit is for ring 3", .manual = "CPUID",
	.what = "The same after arch_prctl(ARCH_SET_CPUID, 0): CPUID faulting.")
ATLAS(rdfsbase, "", "rdfsbase %rax", .group = ATLAS_SENSITIVE, .rule = RULE_WORKS,
	.needs = ATLAS_FSGSBASE, .why0 = SAME_WHY, .why32 = ONLY64_WHY,
	.manual = "RDFSBASE/RDGSBASE", .what = "Reads FS's base: thread-local storage.")
ATLAS(rdgsbase, "", "rdgsbase %rax", .group = ATLAS_SENSITIVE, .rule = RULE_WORKS,
	.needs = ATLAS_FSGSBASE, .why0 = SAME_WHY, .why32 = ONLY64_WHY,
	.manual = "RDFSBASE/RDGSBASE", .what = "Reads GS's base.")
ATLAS(wrfsbase, "rdfsbase %rax", "wrfsbase %rax", .group = ATLAS_SENSITIVE, .rule = RULE_WORKS,
	.needs = ATLAS_FSGSBASE, .why0 = SAME_WHY, .why32 = ONLY64_WHY,
	.manual = "WRFSBASE/WRGSBASE", .what = "Writes FS's base: what arch_prctl() was for.")
ATLAS(wrgsbase, "rdgsbase %rax", "wrgsbase %rax", .group = ATLAS_SENSITIVE, .rule = RULE_WORKS,
	.needs = ATLAS_FSGSBASE, .why0 = "would work, not run: GS is the kernel's there",
	.why32 = ONLY64_WHY, .manual = "WRFSBASE/WRGSBASE", .what = "Writes GS's base.")
ATLAS_BOTH(rdpkru, "xor %ecx, %ecx", "rdpkru", .group = ATLAS_SENSITIVE, .rule = RULE_WORKS,
	.needs = ATLAS_PKU, .why0 = SAME_WHY, .manual = "RDPKRU",
	.what = "Reads which protection keys deny what.")
ATLAS_BOTH(wrpkru, "xor %ecx, %ecx; rdpkru; xor %edx, %edx", "wrpkru", .group = ATLAS_SENSITIVE,
	.rule = RULE_WORKS, .needs = ATLAS_PKU, .why0 = SAME_WHY, .manual = "WRPKRU",
	.what = "Writes it: page permissions that ring 3 changes itself.")
ATLAS_EACH(rdpid, "", "rdpid %rax",
	"", "rdpid %eax",
	.group = ATLAS_SENSITIVE, .rule = RULE_WORKS, .needs = ATLAS_RDPID, .why0 = SAME_WHY,
	.manual = "RDPID", .what = "Reads the CPU's number.")

/*
 * Memory. 0xfffffe0000000000 is where Linux maps the IDT for all, read-only
 * (arch/x86/include/asm/cpu_entry_area.h); at 0xffff800000000000 a hole begins
 * (Documentation/arch/x86/x86_64/mm.rst). Error codes are those that Linux
 * shows: P is set for any kernel address (mm/fault.c, sanitize_error_code()).
 */
ATLAS(read_kernel, "movabs $0xfffffe0000000000, %rdi", "mov (%rdi), %rax",
	.group = ATLAS_MEMORY, .rule = RULE_PAGE, .error = 5,
	.ring0 = RING0_INSN, .arg0 = RINGPROBE_INSN_READ_USER, .why32 = REACH_WHY, .manual = "MOV",
	.why0 = "the other half: 8 bytes of this program's own, read at CPL 0. User space is not "
		"user mode",
	.what = "Reads the kernel's IDT: mapped, but its pages are the supervisor's.")
ATLAS(read_kernel_hole, "movabs $0xffff800000000000, %rdi", "mov (%rdi), %rax",
	.group = ATLAS_MEMORY, .rule = RULE_PAGE, .error = 5, .why0 = OOPS_WHY, .why32 = REACH_WHY,
	.manual = "MOV",
	.what = "Reads where nothing is mapped: Linux shows the same error, or it would tell.")
ATLAS(write_kernel, "movabs $0xfffffe0000000000, %rdi", "mov %rax, (%rdi)", .group = ATLAS_MEMORY,
	.rule = RULE_PAGE, .error = 7, .why0 = OOPS_WHY, .why32 = REACH_WHY, .manual = "MOV",
	.what = "Writes to the kernel's IDT.")
ATLAS(execute_kernel, "movabs $0xfffffe0000000000, %rdi", "jmp *%rdi", .group = ATLAS_MEMORY,
	.rule = RULE_PAGE, .error = 0x15, .why0 = OOPS_WHY, .why32 = REACH_WHY, .manual = "JMP",
	.what = "Jumps into the kernel half: the fetch faults, at the new RIP.")
ATLAS_EACH(read_null, "xor %edi, %edi", "mov (%rdi), %rax",
	"xor %edi, %edi", "mov (%edi), %eax",
	.group = ATLAS_MEMORY, .rule = RULE_PAGE, .error = 4, .why0 = OOPS_WHY, .manual = "MOV",
	.what = "Reads address 0, where nothing is mapped.")
ATLAS_EACH(write_null, "xor %edi, %edi", "mov %rax, (%rdi)",
	"xor %edi, %edi", "mov %eax, (%edi)",
	.group = ATLAS_MEMORY, .rule = RULE_PAGE, .error = 6, .why0 = OOPS_WHY, .manual = "MOV",
	.what = "Writes to address 0.")
ATLAS_EACH(execute_null, "xor %edi, %edi", "jmp *%rdi",
	"xor %edi, %edi", "jmp *%edi",
	.group = ATLAS_MEMORY, .rule = RULE_PAGE, .error = 0x14, .why0 = OOPS_WHY, .manual = "JMP",
	.what = "Jumps to address 0.")
ATLAS(read_non_canonical, "movabs $0x8000000000000000, %rdi", "mov (%rdi), %rax",
	.group = ATLAS_MEMORY, .rule = RULE_NON_CANONICAL, .why0 = OOPS_WHY, .why32 = REACH_WHY,
	.manual = "MOV",
	.what = "Reads an address that is none: no page fault, #GP, and no address is told.")
ATLAS(write_non_canonical, "movabs $0x8000000000000000, %rdi", "mov %rax, (%rdi)",
	.group = ATLAS_MEMORY, .rule = RULE_NON_CANONICAL, .why0 = OOPS_WHY, .why32 = REACH_WHY,
	.manual = "MOV", .what = "Writes to such an address.")
ATLAS(stack_non_canonical, "movabs $0x8000000000000000, %rbp", "mov (%rbp), %rax",
	.group = ATLAS_MEMORY, .rule = RULE_STACK, .why0 = OOPS_WHY, .why32 = REACH_WHY,
	.manual = "MOV", .what = "The same through RBP, which means the stack segment: #SS.")
ATLAS(execute_non_canonical, "movabs $0x8000000000000000, %rdi", "jmp *%rdi", .group = ATLAS_MEMORY,
	.rule = RULE_NON_CANONICAL, .why0 = OOPS_WHY, .why32 = REACH_WHY, .manual = "JMP",
	.what = "Jumps to an address that is none.")
ATLAS_EACH(write_read_only, "mov $" RUN_TEXT(RUN_READ_ONLY) ", %edi", "mov %rax, (%rdi)",
	"mov $" RUN_TEXT(RUN_READ_ONLY) ", %edi", "mov %eax, (%edi)",
	.group = ATLAS_MEMORY, .rule = RULE_PAGE, .error = 7, .why0 = OOPS_WHY, .manual = "MOV",
	.what = "Writes to a page of one's own that is read-only.")
ATLAS_EACH(execute_no_execute, "mov $" RUN_TEXT(RUN_NO_EXECUTE) ", %edi; movb $0xc3, (%rdi)",
	"jmp *%rdi",
	"mov $" RUN_TEXT(RUN_NO_EXECUTE) ", %edi; movb $0xc3, (%edi)", "jmp *%edi",
	.group = ATLAS_MEMORY, .rule = RULE_PAGE, .error = 0x15, .why0 = OOPS_WHY, .manual = "JMP",
	.what = "Runs data: the page has the no-execute bit.")
ATLAS_EACH(minor_fault, "mov $" RUN_TEXT(RUN_FRESH) ", %edi", "mov %rax, (%rdi)",
	"mov $" RUN_TEXT(RUN_FRESH) ", %edi", "mov %eax, (%edi)",
	.group = ATLAS_MEMORY, .rule = RULE_FRESH, .setup = RUN_SETUP_FRESH, .why0 = OWN_WHY,
	.manual = "MOV", .what = "Writes to a page of one's own that is not there yet: no signal.")
ATLAS_EACH(read_protected, "mov $" RUN_TEXT(RUN_PROTECTED) ", %edi", "mov (%rdi), %rax",
	"mov $" RUN_TEXT(RUN_PROTECTED) ", %edi", "mov (%edi), %eax",
	.group = ATLAS_MEMORY, .rule = RULE_PAGE, .needs = ATLAS_PKU, .error = 0x25,
	.setup = RUN_SETUP_KEY, .why0 = OWN_WHY, .manual = "MOV",
	.what = "Reads a page whose protection key denies access: PKRU, ring 3's own.")
ATLAS_EACH(unaligned, "pushfq; orl $0x40000, (%rsp); popfq", "mov 1(%rdi), %eax",
	"pushfl; orl $0x40000, (%esp); popfl", "mov 1(%edi), %eax",
	.group = ATLAS_MEMORY, .rule = RULE_ALIGN,
	.why0 = "would work, not run: AC means SMAP there", .manual = "MOV",
	.what = "Reads at an odd address with RFLAGS.AC set.")
ATLAS(vsyscall, "xor %edi, %edi; xor %esi, %esi; mov $0xffffffffff600000, %rax", "call *%rax",
	.group = ATLAS_MEMORY, .rule = RULE_VSYSCALL, .error = 0x15, .why0 = OWN_WHY,
	.why32 = REACH_WHY, .manual = "CALL",
	.what = "Calls into the vsyscall page: an address in the kernel half, at CPL 3.")

/* Doors */
ATLAS_EACH(syscall, "mov $110, %eax", "syscall",
	"mov $64, %eax", "syscall",
	.group = ATLAS_DOORS, .rule = RULE_SYSCALL, .why0 = OWN_WHY, .manual = "SYSCALL",
	.what = "The door that is meant: here getppid().")
ATLAS_BOTH(int80, "mov $64, %eax", "int $0x80", .group = ATLAS_DOORS, .rule = RULE_INT80,
	.error = 0x80, .why0 = OWN_WHY, .manual = "INT n/INTO/INT3/INT1",
	.what = "The old door: a gate with DPL 3, and the 32-bit table (getppid).")
ATLAS_BOTH(int_gate, "", "int $0x0e", .group = ATLAS_DOORS, .rule = RULE_GATE, .error = 0x0e,
	.why0 = "not run: nothing happened that could be handled", .manual = "INT n/INTO/INT3/INT1",
	.what = "The page fault's vector by hand: its gate has DPL 0.")
ATLAS_BOTH(int_nmi, "", "int $0x02", .group = ATLAS_DOORS, .rule = RULE_GATE, .error = 0x02,
	.why0 = "not run: nothing happened that could be handled", .manual = "INT n/INTO/INT3/INT1",
	.what = "The non-maskable interrupt's vector by hand: its gate has DPL 0.")
ATLAS_BOTH(int3, "", "int3", .group = ATLAS_DOORS, .rule = RULE_BREAKPOINT, .why0 = OWN_WHY,
	.manual = "INT n/INTO/INT3/INT1",
	.what = "The debugger's breakpoint: a trap, so RIP is behind it.")
ATLAS_BOTH(int1, "", ".byte 0xf1", .group = ATLAS_DOORS, .rule = RULE_DEBUG, .why0 = OWN_WHY,
	.manual = "INT n/INTO/INT3/INT1", .what = "The debug exception by hand.")
ATLAS_BOTH(ud2, "", "ud2", .group = ATLAS_DOORS, .rule = RULE_UNDEFINED, .why0 = OWN_WHY,
	.manual = "UD", .what = "The instruction that is defined to be undefined.")
ATLAS_BOTH(divide, "xor %edx, %edx; xor %ecx, %ecx", "div %ecx", .group = ATLAS_DOORS,
	.rule = RULE_DIVIDE, .why0 = OWN_WHY, .manual = "DIV", .what = "Divides by zero.")
ATLAS_EACH(into, "", ".byte 0xce",
	"mov $0x7fffffff, %eax; add $1, %eax", "into",
	.group = ATLAS_DOORS, .rule = RULE_OVERFLOW, .why0 = OWN_WHY,
	.manual = "INT n/INTO/INT3/INT1",
	.what = "Raises an exception if RFLAGS.OF is set: gone in 64-bit mode.")
ATLAS_EACH(bound, "", ".byte 0x62, 0x07, 0x00, 0x00, 0x00, 0x00",
	"mov $5, %eax; movl $1, (%edi); movl $4, 4(%edi)", "bound %eax, (%edi)",
	.group = ATLAS_DOORS, .rule = RULE_BOUND, .why0 = OWN_WHY, .manual = "BOUND",
	.what = "Raises an exception if an index is out of bounds: gone in 64-bit mode, "
		"where its byte begins AVX-512.")
ATLAS_EACH(sysenter, "mov $20, %eax; mov %rsp, %rbp", "sysenter",
	"mov $20, %eax; mov %esp, %ebp", "sysenter",
	.group = ATLAS_DOORS, .rule = RULE_SYSENTER, .why0 = OWN_WHY, .manual = "SYSENTER",
	.what = "Intel's 32-bit door: it keeps no way back to 64-bit code.")

#undef SELECTOR_KERNEL_CODE
#undef SELECTOR_KERNEL_DATA
#undef SELECTOR_USER_CODE
#undef SELECTOR_USER_DATA
#undef PORT
#undef STRINGS_WHY
#undef TABLES_WHY
#undef WRITES_WHY
#undef SAME_WHY
#undef LEAVES_WHY
#undef VIRTUAL_WHY
#undef OOPS_WHY
#undef OWN_WHY
#undef ONLY64_WHY
#undef REX_WHY
#undef REACH_WHY
#undef NEXT_TO
