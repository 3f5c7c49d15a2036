// The probe's CPL 0 kernel: everything that has to run there, and no more. Some backends emulate CPL 0 at about a
// microsecond an instruction, so nothing here clears memory, builds tables or parses: tables come ready in the image or are
// filled in by Swift code at CPL 3, which may write every page.
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
#define RFLAGS_IF (1 << 9)
#define LAPIC_EOI 0xfffffffffee000b0

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

// ---- The call gate: #UD ----
  .code64
invalid_opcode:
  cmpl $GATE_MAGIC, %r10d
  jne exception_6
  addq $2, (%rsp)
  cmpq $GATE_COUNT, %rax
  jae gate_return
  jmpq *gate_table(, %rax, 8)
gate_nothing:
gate_return:
  iretq
gate_wait:
  cmpq %rsi, (%rdi)
  jne gate_return
  sti                               // takes effect after hlt has begun: no interrupt is lost in between
  hlt
  cli
  iretq
gate_write_msr:
  movl %edi, %ecx
  movl %esi, %eax
  movq %rsi, %rdx
  shrq $32, %rdx
  wrmsr
  iretq

// Loops: the operation GATE_LOOP_UNROLL times, EDI rounds; ticks in RAX. R8 holds the start.
  .macro loop_begin
  rdtsc
  shlq $32, %rdx
  orq %rax, %rdx
  movq %rdx, %r8
  .endm
  .macro loop_end
  rdtsc
  shlq $32, %rdx
  orq %rdx, %rax
  subq %r8, %rax
  iretq
  .endm

gate_loop_empty:
  loop_begin
1: decl %edi
  jnz 1b
  loop_end
gate_loop_read_msr:
  loop_begin
  movl %esi, %ecx
1:
  .rept GATE_LOOP_UNROLL
  rdmsr
  .endr
  decl %edi
  jnz 1b
  loop_end
gate_loop_write_msr:
  movq %rdx, %r9
  loop_begin
  movl %esi, %ecx
  movl %r9d, %eax
  movq %r9, %rdx
  shrq $32, %rdx
1:
  .rept GATE_LOOP_UNROLL
  wrmsr
  .endr
  decl %edi
  jnz 1b
  loop_end
gate_loop_cr3:
  loop_begin
  movq %cr3, %rcx
1:
  .rept GATE_LOOP_UNROLL
  movq %rcx, %cr3
  .endr
  decl %edi
  jnz 1b
  loop_end
gate_loop_cr8_read:
  loop_begin
1:
  .rept GATE_LOOP_UNROLL
  movq %cr8, %rcx
  .endr
  decl %edi
  jnz 1b
  loop_end
gate_loop_cr8_write:
  loop_begin
  xorl %ecx, %ecx
1:
  .rept GATE_LOOP_UNROLL
  movq %rcx, %cr8
  .endr
  decl %edi
  jnz 1b
  loop_end
gate_loop_dr7:
  loop_begin
  movl $0x400, %ecx
1:
  .rept GATE_LOOP_UNROLL
  movq %rcx, %dr7
  .endr
  decl %edi
  jnz 1b
  loop_end

// ---- syscall: says which privilege level it reached, and leaves in the way that fits it ----
  .globl probe_syscall_entry
probe_syscall_entry:
  movl %cs, %eax
  andl $3, %eax
  jnz 1f
  sysretq
1: jmpq *%rcx

// ---- Interrupts: count, acknowledge, return ----
  .macro counted_interrupt number
interrupt_\number:
  incq probe_interrupts + 8 * \number
  movl $0, LAPIC_EOI
  iretq
  .endm
  .altmacro
  .set number, 0
  .rept VECTOR_COUNT
  counted_interrupt %number
  .set number, number + 1
  .endr
interrupt_ignored:
  iretq

// ---- Exceptions: write down what happened, go on at CPL 3 in probe_crashed ----
  .macro exception number, has_code
exception_\number:
  .if \has_code == 0
  pushq $0
  .endif
  movq $\number, probe_crash
  jmp crash
  .endm
  exception 0, 0
  exception 1, 0
  exception 2, 0
  exception 3, 0
  exception 4, 0
  exception 5, 0
  exception 6, 0
  exception 7, 0
  exception 8, 1
  exception 9, 0
  exception 10, 1
  exception 11, 1
  exception 12, 1
  exception 13, 1
  exception 14, 1
  exception 15, 0
  exception 16, 0
  exception 17, 1
  exception 18, 0
  exception 19, 0
  exception 20, 0
  exception 21, 1
crash:                              // stack: error code, RIP, CS, RFLAGS, RSP, SS
  popq probe_crash + 8
  popq probe_crash + 16
  addq $8, %rsp
  popq probe_crash + 32
  popq probe_crash + 24
  addq $8, %rsp
  movq recovery, %rax
  testq %rax, %rax
  jnz recover
  movq %cr2, %rax
  movq %rax, probe_crash + 40
  pushq $SELECTOR_USER_DATA
  pushq $(crash_stack + 8192 - 8)
  pushq $2
  pushq $SELECTOR_USER_CODE
  pushq $probe_crashed
  iretq
recover:
  pushq $SELECTOR_USER_DATA
  pushq recovery_stack
  pushq $(RFLAGS_IF | 2)
  pushq $SELECTOR_USER_CODE
  pushq %rax
  iretq

// ---- At CPL 3, and natively: onto the stack that all work is done on ----
  .globl probe_on_work_stack
probe_on_work_stack:
  pushq %rbp
  movq %rsp, %rbp
  movq $(work_stack + PROBE_WORK_STACK_SIZE), %rsp
  callq probe_run
  movq %rbp, %rsp
  popq %rbp
  ret

// ---- At CPL 3: instructions that may not be there ----
  .macro guarded instruction:vararg
  pushq %rbx
  movq %rsp, recovery_stack
  movq $1f, recovery
  \instruction
  movq $0, recovery
  popq %rbx
  .endm

  .globl probe_try_gate, probe_try_hypercall
probe_try_gate:                     // service, a, b, c, result
  movq %r8, %r11
  movq %rdi, %rax
  movq %rsi, %rdi
  movq %rdx, %rsi
  movq %rcx, %rdx
  movl $GATE_MAGIC, %r10d
  pushq %r11
  guarded ud2
  popq %r11
  movq %rax, (%r11)
  xorl %eax, %eax
  ret
1: movq $0, recovery
  popq %rbx
  popq %r11
  movl $1, %eax
  ret

probe_try_hypercall:
  movl $0x4e4d, %eax
  testl %edi, %edi
  jnz 2f
  guarded vmcall
  xorl %eax, %eax
  ret
1: movq $0, recovery
  popq %rbx
  movl $1, %eax
  ret
2: guarded vmmcall
  xorl %eax, %eax
  ret
1: movq $0, recovery
  popq %rbx
  movl $1, %eax
  ret

// ---- Read-only tables ----
  .section .rodata
  .align 8
gate_table:
  .quad gate_nothing, gate_wait, gate_write_msr, gate_loop_empty, gate_loop_read_msr
  .quad gate_loop_write_msr, gate_loop_cr3, gate_loop_cr8_read, gate_loop_cr8_write, gate_loop_dr7
  .globl probe_vector_table
probe_vector_table:                 // handler by vector, for the code that fills the IDT in
  .quad exception_0, exception_1, exception_2, exception_3, exception_4, exception_5, invalid_opcode, exception_7
  .quad exception_8, exception_9, exception_10, exception_11, exception_12, exception_13, exception_14, exception_15
  .quad exception_16, exception_17, exception_18, exception_19, exception_20, exception_21
  .rept VECTOR_FIRST - 22
  .quad interrupt_ignored
  .endr
  .macro vector_entry number
  .quad interrupt_\number
  .endm
  .set number, 0
  .rept VECTOR_COUNT
  vector_entry %number
  .set number, number + 1
  .endr
  .rept 256 - VECTOR_FIRST - VECTOR_COUNT
  .quad interrupt_ignored
  .endr
  .noaltmacro
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
recovery:                           // where an exception goes on instead of crashing, and its stack; 0: nowhere
  .quad 0
recovery_stack:
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
  .globl probe_idt, probe_kernel_stacks, probe_interrupts, probe_crash, probe_mailboxes
probe_idt:
  .skip 256 * 16
probe_kernel_stacks:
  .skip PROBE_MAX_CPUS * PROBE_KERNEL_STACK_SIZE
boot_stack:
  .skip PROBE_MAX_CPUS * PROBE_STACK_SIZE
crash_stack:
  .skip 8192
work_stack:
  .skip PROBE_WORK_STACK_SIZE
  .align 64
probe_interrupts:
  .skip 8 * VECTOR_COUNT
  .align 64
probe_crash:
  .skip 64
  .align 64
probe_mailboxes:
  .skip PROBE_MAX_CPUS * 64

  .section .note.GNU-stack, "", @progbits
