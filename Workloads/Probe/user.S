// What Swift code at CPL 3 cannot say itself: another stack, and instructions that may not be there.
#include "probe.h"

  .text
  .code64
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

// ---- At CPL 3: places that whoever watches instructions knows a window's ends by ----
  .globl probe_window_opened, probe_window_closed
probe_window_opened:
  ret
probe_window_closed:
  ret

// ---- At CPL 3: instructions that may not be there ----
  .macro guarded instruction:vararg
  pushq %rbx
  movq %rsp, probe_recovery_stack
  movq $1f, probe_recovery
  \instruction
  movq $0, probe_recovery
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
1: movq $0, probe_recovery
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
1: movq $0, probe_recovery
  popq %rbx
  movl $1, %eax
  ret
2: guarded vmmcall
  xorl %eax, %eax
  ret
1: movq $0, probe_recovery
  popq %rbx
  movl $1, %eax
  ret

  .bss
  .align 4096
work_stack:
  .skip PROBE_WORK_STACK_SIZE

  .section .note.GNU-stack, "", @progbits
