// From the first instruction to Swift code at CPL 3, on every processor, and the tables that this takes. Some backends emulate
// CPL 0 at about a microsecond an instruction, so nothing here clears memory, builds tables or parses: tables come ready in
// the image or are filled in by Swift code at CPL 3, which may write every page.
#include "probe.h"
#include "nearmetal_abi.h"

#define MSR_EFER 0xc0000080
#define EFER_SCE (1 << 0)
#define EFER_LME (1 << 8)
#define CR0_PE (1 << 0)
#define CR0_MP (1 << 1)
#define CR0_ET (1 << 4)
#define CR0_NE (1 << 5)
#define CR0_PG (1 << 31)
#define CR4_PAE (1 << 5)
#define CR4_OSFXSR (1 << 9)
#define CR4_OSXMMEXCPT (1 << 10)

// ---- What the harness reads: image header and PVH note (Xen PVH boot ABI, XEN_ELFNOTE_PHYS32_ENTRY) ----
  .section .image_header, "a"
  .globl probe_image_start
probe_image_start:
  .quad NM_IMAGE_MAGIC
  .long NM_ABI_VERSION
  .long 40
  .quad nearmetal_native_entry
  .quad probe_image_start
  .quad probe_image_end

  .section .note.pvh, "a", @note
  .align 4
  .long 4, 8, 18
  .asciz "Xen"
  .align 4
  .quad probe_entry

// ---- Entry: 32-bit protected mode, paging off, EBX = start info ----
  .text
  .code32
  .globl probe_entry
probe_entry:
  rdtsc
  movl %eax, probe_entry_tsc
  movl %edx, probe_entry_tsc + 4
  xorl %ebp, %ebp                   // processor 0
to_long_mode:                       // EBP = processor, EBX = start info on processor 0
  movl $probe_pml4, %eax
  movl %eax, %cr3
  movl $(CR4_PAE | CR4_OSFXSR | CR4_OSXMMEXCPT), %eax
  movl %eax, %cr4
  movl $MSR_EFER, %ecx
  movl $(EFER_LME | EFER_SCE), %eax
  xorl %edx, %edx
  wrmsr
  movl $(CR0_PE | CR0_MP | CR0_ET | CR0_NE | CR0_PG), %eax
  movl %eax, %cr0
  lgdtl gdt_pointer
  ljmpl $SELECTOR_KERNEL_CODE, $long_mode

  .code64
long_mode:
  movl $SELECTOR_USER_DATA, %eax
  movl %eax, %ds
  movl %eax, %es
  movl $SELECTOR_KERNEL_DATA, %eax
  movl %eax, %ss
  lidtq idt_pointer
  testl %ebp, %ebp
  jnz application_processor

  // The boot processor's task descriptor: its base is known only to the linker, in three pieces.
  movl $probe_tasks, %eax
  movw %ax, task_descriptors + 2
  shrl $16, %eax
  movb %al, task_descriptors + 4
  movb %ah, task_descriptors + 7
  movl $SELECTOR_TASK, %eax
  ltr %ax
  // Firmware may leave the PIC unmasked; its vectors mean nothing here.
  movb $0xff, %al
  outb %al, $0x21
  outb %al, $0xa1

  movl $(probe_kernel_stacks + PROBE_KERNEL_STACK_SIZE), %esp
  pushq $SELECTOR_USER_DATA
  pushq $(boot_stack + PROBE_STACK_SIZE - 8)
  pushq $(RFLAGS_IF | 2)
  pushq $SELECTOR_USER_CODE
  pushq $probe_main
  movl %ebx, %edi
  iretq

application_processor:              // its task descriptor and stacks were prepared by the boot processor
  movl %ebp, %eax
  shll $4, %eax
  addl $SELECTOR_TASK, %eax
  ltr %ax
  movl %ebp, %eax
  incl %eax
  imull $PROBE_KERNEL_STACK_SIZE, %eax, %esp
  addl $probe_kernel_stacks, %esp
  imull $PROBE_STACK_SIZE, %eax, %eax
  addl $(boot_stack - 8), %eax
  pushq $SELECTOR_USER_DATA
  pushq %rax
  pushq $(RFLAGS_IF | 2)
  pushq $SELECTOR_USER_CODE
  pushq $probe_processor_main
  movl %ebp, %edi
  iretq

// ---- Trampoline for the other processors: copied to PROBE_TRAMPOLINE, entered in real mode with CS:IP = 0x800:0 ----
  .code16
  .globl probe_trampoline_start, probe_trampoline_end
probe_trampoline_start:
  cli
  movw %cs, %ax
  movw %ax, %ds
  lgdtl trampoline_gdt_pointer - probe_trampoline_start
  movl $(CR0_PE | CR0_ET), %eax
  movl %eax, %cr0
  ljmpl $SELECTOR_BOOT_CODE, $processor_entry
  .align 4
trampoline_gdt_pointer:
  .word gdt_end - probe_gdt - 1
  .long probe_gdt
probe_trampoline_end:

  .code32
processor_entry:
  movl $SELECTOR_KERNEL_DATA, %eax
  movl %eax, %ds
  movl %eax, %es
  movl %eax, %ss
  movl $1, %ebp
  lock xaddl %ebp, next_processor
  jmp to_long_mode

// ---- Read-only tables ----
  .section .rodata
  .align 8
gdt_pointer:
  .word gdt_end - probe_gdt - 1
  .quad probe_gdt
  .align 8
idt_pointer:
  .word 256 * 16 - 1
  .quad probe_idt

// ---- Writable tables ----
  .data
  .align 64
  .globl probe_gdt
probe_gdt:
  .quad 0
  .quad 0x00af9b000000ffff          // 08 kernel code, 64-bit
  .quad 0x00cf93000000ffff          // 10 kernel data
  .quad 0                           // 18 sysret's 32-bit code, never used
  .quad 0x00cff3000000ffff          // 20 user data
  .quad 0x00affb000000ffff          // 28 user code, 64-bit
  .quad 0x00cf9b000000ffff          // 30 boot code, 32-bit
  .quad 0
task_descriptors:                   // 40 the boot processor's task; its base is filled in above
  .word task_limit
  .word 0
  .byte 0, 0x89, (task_limit >> 16), 0
  .quad 0
  .fill (PROBE_MAX_CPUS - 1) * 2, 8, 0
gdt_end:
  .globl probe_entry_tsc, probe_cpus_alive
  .align 8
probe_entry_tsc:
  .quad 0
next_processor:
  .long 1
probe_cpus_alive:
  .long 1

// Task segments, 128 bytes each, and one I/O permission bitmap that all of them reach: all ports are free at CPL 3.
// RFLAGS.IOPL would be shorter, but not every backend keeps it.
  .align 128
  .globl probe_tasks, probe_io_bitmap
probe_tasks:
  .set task, 0
  .rept PROBE_MAX_CPUS
  .long 0
  .quad probe_kernel_stacks + (task + 1) * PROBE_KERNEL_STACK_SIZE
  .fill 90, 1, 0
  .word (PROBE_MAX_CPUS - task) * 128
  .fill 24, 1, 0
  .set task, task + 1
  .endr
probe_io_bitmap:
  .fill 8192, 1, 0
  .byte 0xff
  .set task_limit, PROBE_MAX_CPUS * 128 + 8192

// Identity map of the first 4 GiB with 2 MiB pages, open to CPL 3; the last GiB, where devices are, uncached. That GiB stands
// once more at the end of the address space, where a sign-extended 32-bit address reaches the LAPIC in one instruction.
  .section .page_tables, "aw"
  .align 4096
probe_pml4:
  .quad probe_pdpt + 0x07
  .fill 510, 8, 0
  .quad probe_pdpt + 0x07
probe_pdpt:
  .quad probe_directories + 0x07, probe_directories + 0x1007, probe_directories + 0x2007, probe_directories + 0x3007
  .fill 507, 8, 0
  .quad probe_directories + 0x3007
probe_directories:
  .set page, 0
  .rept 1536
  .quad page * 0x200000 + 0x87
  .set page, page + 1
  .endr
  .rept 512
  .quad page * 0x200000 + 0x9f
  .set page, page + 1
  .endr

// ---- Zeroed data ----
  .bss
  .align 4096
  .globl probe_idt, probe_kernel_stacks, probe_mailboxes
probe_idt:
  .skip 256 * 16
probe_kernel_stacks:
  .skip PROBE_MAX_CPUS * PROBE_KERNEL_STACK_SIZE
boot_stack:
  .skip PROBE_MAX_CPUS * PROBE_STACK_SIZE
  .align 64
probe_mailboxes:
  .skip PROBE_MAX_CPUS * 64

  .section .note.GNU-stack, "", @progbits
