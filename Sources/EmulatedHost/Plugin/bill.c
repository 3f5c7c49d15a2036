// A TCG plugin: counts the instructions between the opening and the closing of each of the probe's windows, by address.
//
//   -plugin bill.so,out=FILE,open=ADDRESS,close=ADDRESS,low=ADDRESS,high=ADDRESS
//
// ADDRESSes are hexadecimal: the first instructions that the probe executes when a window opens and closes, and the range that its image
// lies in. The file gets a line "window TOTAL" for each, followed by lines "ADDRESS INSTRUCTIONS EXECUTIONS" for each block of translated
// code that begins there. Blocks are counted as a whole, but instruction by instruction in the probe: what it executes may leave the guest
// at any place.
//
// QEMU's functions are declared here: the interface's version 1, as QEMU 7.2 to 9.2 have it (docs/devel/tcg-plugins). Version 2 and up
// change how counters are added, so QEMU refuses to load this where its least version is later.
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct qemu_plugin_tb;
struct qemu_plugin_insn;
typedef uint64_t qemu_plugin_id_t;

__attribute__((visibility("default"))) int qemu_plugin_version = 1;

void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id, void (*callback)(qemu_plugin_id_t id, struct qemu_plugin_tb *tb));
void qemu_plugin_register_vcpu_tb_exec_inline(struct qemu_plugin_tb *tb, int operation, void *pointer, uint64_t value);
void qemu_plugin_register_vcpu_insn_exec_inline(struct qemu_plugin_insn *insn, int operation, void *pointer, uint64_t value);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn, void (*callback)(unsigned int vcpu, void *data), int flags, void *data);
void qemu_plugin_register_atexit_cb(qemu_plugin_id_t id, void (*callback)(qemu_plugin_id_t id, void *data), void *data);
uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb *tb);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t index);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *insn);

enum { ADD_U64 = 0, NO_REGISTERS = 0 };

// One for each block that something was counted of: the same address may begin a shorter and a longer one. Never moved or freed, since
// translated code points to it.
struct counter {
  uint64_t address;
  // Of the block.
  uint64_t instructions;
  uint64_t executions;
  struct counter *next;
};

enum { BUCKETS = 1 << 16 };
static struct counter *buckets[BUCKETS];
static uint64_t open_address, close_address, low, high;
static bool is_open;
static FILE *out;

static struct counter *counter_at(uint64_t address, uint64_t instructions) {
  struct counter **place = &buckets[(address ^ (address >> 16)) % BUCKETS];
  for (struct counter *one = *place; one; one = one->next)
    if (one->address == address && one->instructions == instructions) return one;
  struct counter *made = calloc(1, sizeof *made);
  if (!made) abort();
  made->address = address;
  made->instructions = instructions;
  made->next = *place;
  return *place = made;
}

static void opened(unsigned int vcpu, void *data) {
  (void)vcpu, (void)data;
  for (size_t index = 0; index < BUCKETS; index++)
    for (struct counter *one = buckets[index]; one; one = one->next) one->executions = 0;
  is_open = true;
}

static void closed(unsigned int vcpu, void *data) {
  (void)vcpu, (void)data;
  if (!is_open) return;
  is_open = false;
  uint64_t total = 0;
  for (size_t index = 0; index < BUCKETS; index++)
    for (struct counter *one = buckets[index]; one; one = one->next) total += one->executions * one->instructions;
  fprintf(out, "window %" PRIu64 "\n", total);
  for (size_t index = 0; index < BUCKETS; index++)
    for (struct counter *one = buckets[index]; one; one = one->next)
      if (one->executions)
        fprintf(out, "%" PRIx64 " %" PRIu64 " %" PRIu64 "\n", one->address, one->executions * one->instructions, one->executions);
  fflush(out);
}

static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb *tb) {
  (void)id;
  uint64_t start = qemu_plugin_tb_vaddr(tb);
  size_t count = qemu_plugin_tb_n_insns(tb);
  if (start < low || start >= high) {
    qemu_plugin_register_vcpu_tb_exec_inline(tb, ADD_U64, &counter_at(start, count)->executions, 1);
    return;
  }
  for (size_t index = 0; index < count; index++) {
    struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, index);
    uint64_t address = qemu_plugin_insn_vaddr(insn);
    qemu_plugin_register_vcpu_insn_exec_inline(insn, ADD_U64, &counter_at(address, 1)->executions, 1);
    if (address == open_address) qemu_plugin_register_vcpu_insn_exec_cb(insn, opened, NO_REGISTERS, NULL);
    if (address == close_address) qemu_plugin_register_vcpu_insn_exec_cb(insn, closed, NO_REGISTERS, NULL);
  }
}

static void ended(qemu_plugin_id_t id, void *data) {
  (void)id, (void)data;
  fclose(out);
}

__attribute__((visibility("default"))) int qemu_plugin_install(qemu_plugin_id_t id, const void *info, int argc, char **argv) {
  (void)info;
  struct { const char *name; uint64_t *value; } numbers[] = {{"open=", &open_address}, {"close=", &close_address}, {"low=", &low}, {"high=", &high}};
  for (int index = 0; index < argc; index++) {
    if (strncmp(argv[index], "out=", 4) == 0) out = fopen(argv[index] + 4, "w");
    for (size_t number = 0; number < sizeof numbers / sizeof *numbers; number++)
      if (strncmp(argv[index], numbers[number].name, strlen(numbers[number].name)) == 0)
        *numbers[number].value = strtoull(argv[index] + strlen(numbers[number].name), NULL, 16);
  }
  if (!out || !open_address || !close_address) {
    fprintf(stderr, "bill.so: expected out, open and close\n");
    return 1;
  }
  qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
  qemu_plugin_register_atexit_cb(id, ended, NULL);
  return 0;
}
