// What brings a processor back to CPL 0: the call gate, syscall, interrupts and exceptions. Everything that has to run there, and
// no more: some backends emulate CPL 0 at about a microsecond an instruction.
#include "probe.h"

#define LAPIC_EOI 0xfffffffffee000b0

  .text
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
  sti                               // takes effect after hlt has begun, where nothing comes in between
gate_halt:
  hlt
  iretq
gate_interrupt_at_halt:             // what handler EDI meets when it is called between sti and hlt; the halt would have no other end
  movq %rsp, %rax
  pushq $SELECTOR_KERNEL_DATA
  pushq %rax
  pushq $(RFLAGS_IF | 2)
  pushq $SELECTOR_KERNEL_CODE
  pushq $gate_halt
  jmpq *probe_vector_table(, %rdi, 8)
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
// The one that is only waited for by spinning does no more: its price is what some workloads measure.
interrupt_0:
  incq probe_interrupts
  movl $0, LAPIC_EOI
  iretq

// The others end a halt. One that finds the processor in CPL 0 came in gate_wait, the only place there that lets any come, and
// leaves it at once, for what gate_wait returns to. Going back to where it came could be going back to the hlt: not every
// machine keeps what follows sti free of interrupts (QEMU's emulation of SVM forgets it over an exit), and that halt would
// have nothing left to end it.
  .macro waking_interrupt number
interrupt_\number:
  .if \number == VECTOR_SHARED
  lock incq probe_interrupts + 8 * \number
  .else
  incq probe_interrupts + 8 * \number
  .endif
  movl $0, LAPIC_EOI
  testb $3, 8(%rsp)
  jz leave_halt
  iretq
  .endm
  .altmacro
  .set number, 1
  .rept VECTOR_COUNT - 1
  waking_interrupt %number
  .set number, number + 1
  .endr
leave_halt:
  movq 24(%rsp), %rsp
  iretq
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
  movq probe_recovery, %rax
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
  pushq probe_recovery_stack
  pushq $(RFLAGS_IF | 2)
  pushq $SELECTOR_USER_CODE
  pushq %rax
  iretq

// ---- Read-only tables ----
  .section .rodata
  .align 8
  .align 8
gate_table:
  .quad gate_nothing, gate_wait, gate_write_msr, gate_loop_empty, gate_loop_read_msr
  .quad gate_loop_write_msr, gate_loop_cr3, gate_loop_cr8_read, gate_loop_cr8_write, gate_loop_dr7, gate_interrupt_at_halt
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

// ---- Data ----
  .data
  .align 8
  .globl probe_recovery, probe_recovery_stack
probe_recovery:                     // where an exception goes on instead of crashing, and its stack; 0: nowhere
  .quad 0
probe_recovery_stack:
  .quad 0

  .bss
  .align 64
  .globl probe_interrupts, probe_crash
probe_interrupts:
  .skip 8 * VECTOR_COUNT
  .align 64
probe_crash:
  .skip 64
  .align 4096
crash_stack:
  .skip 8192

  .section .note.GNU-stack, "", @progbits
