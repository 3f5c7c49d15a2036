/// What the probe's Swift code shares with the assembly and with the C helpers: layout constants, processor instructions that
/// Swift cannot spell, and the call gate into the CPL 0 kernel.
#ifndef NEARMETAL_PROBE_H
#define NEARMETAL_PROBE_H

// Segment selectors. The user selectors stand in the order that `sysretq` expects (Intel SDM vol. 3 §5.8.8).
#define SELECTOR_KERNEL_CODE 0x08
#define SELECTOR_KERNEL_DATA 0x10
#define SELECTOR_USER_DATA 0x23
#define SELECTOR_USER_CODE 0x2b
#define SELECTOR_BOOT_CODE 0x30
#define SELECTOR_TASK 0x40
#define RFLAGS_IF (1 << 9)

#define PROBE_MAX_CPUS 16
#define PROBE_STACK_SIZE 32768
#define PROBE_KERNEL_STACK_SIZE 1024
/// The harness's own code runs on this stack as well, in the native machine's calls back.
#define PROBE_WORK_STACK_SIZE 1048576

/// Where a processor woken by SIPI starts, in real mode.
#define PROBE_TRAMPOLINE 0x8000
/// Low memory for the record of a crash.
#define PROBE_CRASH_BUFFER 0x20000

// The call gate: `ud2` with this number in r10 and a service in rax. Any other `ud2` is a crash.
#define GATE_MAGIC 0x4e4d6761
#define GATE_NOTHING 0      ///< returns at once: the price of a trap
#define GATE_WAIT 1         ///< halts unless *(uint64_t *)rdi differs from rsi
#define GATE_WRITE_MSR 2    ///< writes rsi to MSR rdi
// Sixteen operations a round, rdi rounds; returns ticks.
#define GATE_LOOP_EMPTY 3
#define GATE_LOOP_READ_MSR 4    ///< MSR rsi
#define GATE_LOOP_WRITE_MSR 5   ///< MSR rsi, value rdx
#define GATE_LOOP_CR3 6
#define GATE_LOOP_CR8_READ 7
#define GATE_LOOP_CR8_WRITE 8
#define GATE_LOOP_DR7 9
#define GATE_INTERRUPT_AT_HALT 10   ///< runs the handler of vector rdi as if it had come between GATE_WAIT's look and its halt
#define GATE_COUNT 11
#define GATE_LOOP_UNROLL 16

/// Interrupt vectors that count themselves; each has a slot in `probe_interrupts`. All but the first end a halt for certain.
#define VECTOR_FIRST 0x30
#define VECTOR_COUNT 16
/// The one, counted from the first, that several processors may count at the same time.
#define VECTOR_SHARED 6
#define VECTOR_SPURIOUS 0xff

#ifndef __ASSEMBLER__
#include <stdint.h>
#include "nearmetal_abi.h"

/// Interrupts taken, by vector from VECTOR_FIRST.
extern volatile uint64_t probe_interrupts[VECTOR_COUNT];
/// Registers of the crash that is being reported.
extern struct nm_crash probe_crash;
/// TSC at the first instruction.
extern uint64_t probe_entry_tsc;
/// Processors that reached CPL 3.
extern volatile uint32_t probe_cpus_alive;
/// Through which one processor tells another what to do.
struct probe_mailbox {
  volatile uint64_t command;  ///< written last by the sender
  volatile uint64_t done;     ///< the last command that was taken
  void (*work)(void *argument);  ///< of a command to work
  void *argument;
  uint64_t padding[4];
};
extern struct probe_mailbox probe_mailboxes[PROBE_MAX_CPUS];

static inline struct probe_mailbox *probe_mailbox_of(uint32_t processor) { return &probe_mailboxes[processor]; }
static inline void probe_mailbox_send(struct probe_mailbox *box, uint64_t command) {
  __atomic_store_n(&box->done, 0, __ATOMIC_RELAXED);
  __atomic_store_n(&box->command, command, __ATOMIC_RELEASE);
}
/// The command now in force, which it acknowledges.
static inline uint64_t probe_mailbox_take(struct probe_mailbox *box) {
  uint64_t command = __atomic_load_n(&box->command, __ATOMIC_ACQUIRE);
  if (box->done != command) __atomic_store_n(&box->done, command, __ATOMIC_RELEASE);
  return command;
}
/// The command now in force.
static inline uint64_t probe_mailbox_command(struct probe_mailbox *box) {
  return __atomic_load_n(&box->command, __ATOMIC_ACQUIRE);
}
/// Does the work of the command now in force, then acknowledges it.
static inline void probe_mailbox_work(struct probe_mailbox *box) {
  uint64_t command = box->command;
  box->work(box->argument);
  __atomic_store_n(&box->done, command, __ATOMIC_RELEASE);
}
/// 1 while the last command has not been acknowledged.
static inline uint64_t probe_mailbox_pending(struct probe_mailbox *box) {
  return __atomic_load_n(&box->done, __ATOMIC_ACQUIRE) != __atomic_load_n(&box->command, __ATOMIC_ACQUIRE);
}

extern uint8_t probe_image_start[], probe_image_end[];
extern uint8_t probe_trampoline_start[], probe_trampoline_end[];
extern uint64_t probe_gdt[], probe_idt[];
extern uint8_t probe_tasks[], probe_io_bitmap[];
extern uint8_t probe_kernel_stacks[];
extern void *const probe_vector_table[];
extern uint8_t probe_syscall_entry[];

static inline uint64_t probe_gate(uint64_t service, uint64_t a, uint64_t b, uint64_t c) {
  register uint64_t magic __asm__("r10") = GATE_MAGIC;
  uint64_t result = service;
  __asm__ __volatile__("ud2" : "+a"(result), "+D"(a), "+S"(b), "+d"(c), "+r"(magic)::"rcx", "r8", "r9", "r11", "memory", "cc");
  return result;
}

/// Calls `probe_run` with these arguments on the image's own large stack.
int64_t probe_on_work_stack(
    const struct nm_environment *environment, const uint8_t *jobs, uint64_t length, uint64_t entry_tsc);

/// Called after a window opened, and before it closes; they do nothing but to be executed.
void probe_window_opened(void);
void probe_window_closed(void);

/// The gate, with a way back when what it does raises an exception: 0 and the result, or 1.
uint64_t probe_try_gate(uint64_t service, uint64_t a, uint64_t b, uint64_t c, uint64_t *result);
/// Tries `vmcall` (0) or `vmmcall` (1): 0, or 1 when it raises an exception.
uint64_t probe_try_hypercall(uint64_t kind);

static inline void probe_cpuid(uint32_t leaf, uint32_t subleaf, uint32_t *registers) {
  __asm__ __volatile__("cpuid"
                       : "=a"(registers[0]), "=b"(registers[1]), "=c"(registers[2]), "=d"(registers[3])
                       : "a"(leaf), "c"(subleaf));
}

/// Retires two instructions a round, and the same few others for any number of rounds. `rounds` is 1 or more.
static inline __attribute__((noinline)) void probe_known_instructions(uint64_t rounds) {
  __asm__ volatile(".p2align 6\n1:\n\tdecq %0\n\tjnz 1b" : "+r"(rounds) : : "cc", "memory");
}

static inline uint32_t probe_cpuid_leaf(uint32_t leaf) {
  uint32_t registers[4];
  probe_cpuid(leaf, 0, registers);
  return registers[0];
}
/// "AuthenticAMD" or "HygonGenuine": the processors whose hypercall is `vmmcall`.
static inline uint32_t probe_vendor_is_amd(void) {
  uint32_t registers[4];
  probe_cpuid(0, 0, registers);
  return registers[1] == 0x68747541 || registers[1] == 0x6f677948;
}
static inline uint32_t probe_has_deadline_timer(void) {
  uint32_t registers[4];
  probe_cpuid(1, 0, registers);
  return registers[2] >> 24 & 1;
}
static inline void probe_request_interrupt(struct nm_irq_page *page) { page->request++; }

/// One exit that the processor or KVM cannot avoid: the number is no hypercall that KVM has.
static inline int64_t probe_vmcall(void) {
  int64_t result = 0x4e4d;
  __asm__ __volatile__("vmcall" : "+a"(result)::"memory", "rbx", "rcx", "rdx");
  return result;
}
static inline int64_t probe_vmmcall(void) {
  int64_t result = 0x4e4d;
  __asm__ __volatile__("vmmcall" : "+a"(result)::"memory", "rbx", "rcx", "rdx");
  return result;
}

/// `syscall` into `probe_syscall_entry`: returns the privilege level that it reached.
static inline uint64_t probe_syscall(void) {
  uint64_t result = 3;
  __asm__ __volatile__("syscall" : "+a"(result)::"rcx", "r11", "memory", "cc");
  return result;
}

static inline uint32_t probe_mmio_read(uint64_t address) { return *(volatile uint32_t *)address; }
static inline void probe_mmio_write(uint64_t address, uint32_t value) { *(volatile uint32_t *)address = value; }

static inline uint64_t probe_interrupt_count(uint32_t vector) { return probe_interrupts[vector - VECTOR_FIRST]; }
static inline uint64_t probe_interrupt_slot(uint32_t vector) {
  return (uint64_t)&probe_interrupts[vector - VECTOR_FIRST];
}
static inline uint32_t probe_alive(void) { return __atomic_load_n(&probe_cpus_alive, __ATOMIC_ACQUIRE); }
static inline void probe_count_alive(void) { __atomic_fetch_add(&probe_cpus_alive, 1, __ATOMIC_ACQ_REL); }
static inline const void *probe_trampoline(void) { return probe_trampoline_start; }
static inline uint64_t probe_trampoline_size(void) { return probe_trampoline_end - probe_trampoline_start; }
static inline uint64_t probe_tasks_address(void) { return (uint64_t)probe_tasks; }
static inline uint64_t probe_entry_ticks(void) { return probe_entry_tsc; }
static inline struct nm_crash *probe_crash_record(void) { return &probe_crash; }
static inline uint64_t *probe_idt_table(void) { return probe_idt; }
static inline uint64_t *probe_gdt_table(void) { return probe_gdt; }
static inline uint64_t probe_vector_address(uint32_t vector) { return (uint64_t)probe_vector_table[vector]; }
static inline uint64_t probe_syscall_address(void) { return (uint64_t)probe_syscall_entry; }
static inline uint64_t probe_image_end_address(void) { return (uint64_t)probe_image_end; }

#endif
#endif
