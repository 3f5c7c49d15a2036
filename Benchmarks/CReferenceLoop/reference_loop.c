#include "reference_loop.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <nearmetal_abi.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define COM1 0x3f8
#define COM1_LINE_STATUS 0x3fd
#define TRANSMITTER_EMPTY 0x60
#define CPUID_ENTRIES 256

/// What is open; -1 or null where it is not.
struct machine {
  int system, vm, vcpu;
  struct kvm_run *run;
  size_t run_size;
};

static int set_cpuid(const struct machine *machine) {
  struct kvm_cpuid2 *table = calloc(1, sizeof *table + CPUID_ENTRIES * sizeof table->entries[0]);
  if (!table) return ENOMEM;
  table->nent = CPUID_ENTRIES;
  int code = ioctl(machine->system, KVM_GET_SUPPORTED_CPUID, table) < 0 ? errno : 0;
  // The same table as the monitor's for a single processor: identifier 0, a hypervisor, the deadline timer.
  for (uint32_t index = 0; code == 0 && index < table->nent; index++) {
    struct kvm_cpuid_entry2 *entry = &table->entries[index];
    if (entry->function == 1) {
      entry->ebx = (entry->ebx & 0xffff) | 1 << 16;
      entry->ecx |= 1u << 31 | 1u << 24;
    } else if (entry->function == 0xb || entry->function == 0x1f) {
      entry->edx = 0;
    } else if (entry->function == 0x8000001e) {
      entry->eax = 0;
    }
  }
  if (code == 0 && ioctl(machine->vcpu, KVM_SET_CPUID2, table) < 0) code = errno;
  free(table);
  return code;
}

static int set_registers(const struct machine *machine, const struct nm_reference_guest *guest) {
  struct kvm_sregs special;
  if (ioctl(machine->vcpu, KVM_GET_SREGS, &special) < 0) return errno;
  struct kvm_segment code = {.limit = 0xffffffff, .selector = 8, .type = 0xb, .present = 1, .db = 1, .s = 1, .g = 1};
  struct kvm_segment data = code;
  data.selector = 0x10;
  data.type = 3;
  special.cs = code;
  special.ds = special.es = special.ss = special.fs = special.gs = data;
  special.tr = (struct kvm_segment){.limit = 0x67, .type = 0xb, .present = 1};
  special.cr0 = 0x11;
  special.cr4 = 0;
  if (ioctl(machine->vcpu, KVM_SET_SREGS, &special) < 0) return errno;
  struct kvm_regs general = {.rip = guest->entry, .rbx = guest->start_info, .rflags = 2};
  return ioctl(machine->vcpu, KVM_SET_REGS, &general) < 0 ? errno : 0;
}

static int open_machine(struct machine *machine, const struct nm_reference_guest *guest) {
  if ((machine->system = open("/dev/kvm", O_RDWR | O_CLOEXEC)) < 0) return errno;
  if ((machine->vm = ioctl(machine->system, KVM_CREATE_VM, 0)) < 0) return errno;
  struct kvm_userspace_memory_region region = {.memory_size = guest->size, .userspace_addr = (uintptr_t)guest->memory};
  if (ioctl(machine->vm, KVM_SET_USER_MEMORY_REGION, &region) < 0) return errno;
  // Backends without a need for these two refuse or ignore them.
  uint64_t identity_map = 0xfffbc000;
  (void)ioctl(machine->vm, KVM_SET_IDENTITY_MAP_ADDR, &identity_map);
  (void)ioctl(machine->vm, KVM_SET_TSS_ADDR, 0xfffbd000ul);
  if (ioctl(machine->vm, KVM_CREATE_IRQCHIP, 0) < 0) return errno;
  if ((machine->vcpu = ioctl(machine->vm, KVM_CREATE_VCPU, 0)) < 0) return errno;
  int size = ioctl(machine->system, KVM_GET_VCPU_MMAP_SIZE, 0);
  if (size < 0) return errno;
  void *page = mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE, MAP_SHARED, machine->vcpu, 0);
  if (page == MAP_FAILED) return errno;
  machine->run = page;
  machine->run_size = (size_t)size;
  int code = set_cpuid(machine);
  return code ? code : set_registers(machine, guest);
}

static void close_machine(const struct machine *machine) {
  if (machine->run) munmap(machine->run, machine->run_size);
  if (machine->vcpu >= 0) close(machine->vcpu);
  if (machine->vm >= 0) close(machine->vm);
  if (machine->system >= 0) close(machine->system);
}

/// Answers a port access but the echo's. Returns whether the guest goes on.
static int serve_port(struct kvm_run *run, struct nm_reference_guest *guest) {
  uint8_t *data = (uint8_t *)run + run->io.data_offset;
  uint64_t count = (uint64_t)run->io.size * run->io.count;
  if (run->io.direction == KVM_EXIT_IO_IN) {
    memset(data, run->io.port == COM1_LINE_STATUS ? TRANSMITTER_EMPTY : 0xff, count);
  } else if (run->io.port == COM1) {
    uint64_t room = guest->capacity - guest->length;
    if (count > room) count = room;
    memcpy(guest->output + guest->length, data, count);
    guest->length += count;
  } else if (run->io.port == NM_PORT_DEBUG_EXIT) {
    memcpy(&guest->exit_value, data, run->io.size);
    return 0;
  }
  return 1;
}

static void serve_memory(struct kvm_run *run) {
  if (run->mmio.is_write) return;
  uint32_t value = 0xffffffff;
  if (run->mmio.phys_addr == NM_TEST_DEVICE + NM_TEST_ECHO) value = NM_ECHO_VALUE;
  if (run->mmio.phys_addr == NM_TEST_DEVICE + NM_TEST_MAGIC) value = NM_TEST_MAGIC_VALUE;
  memcpy(run->mmio.data, &value, sizeof value);
}

static int loop(const struct machine *machine, struct nm_reference_guest *guest) {
  struct kvm_run *run = machine->run;
  for (;;) {
    if (ioctl(machine->vcpu, KVM_RUN, 0) < 0) {
      if (errno == EINTR || errno == EAGAIN) continue;
      return errno;
    }
    if (run->exit_reason == KVM_EXIT_IO) {
      if (run->io.port == NM_PORT_ECHO) {
        *(uint32_t *)((uint8_t *)run + run->io.data_offset) = NM_ECHO_VALUE;
      } else if (!serve_port(run, guest)) {
        return 0;
      }
    } else if (run->exit_reason == KVM_EXIT_MMIO) {
      serve_memory(run);
    } else if (run->exit_reason != KVM_EXIT_INTR) {
      return -1;
    }
  }
}

int nm_reference_run(struct nm_reference_guest *guest) {
  struct machine machine = {.system = -1, .vm = -1, .vcpu = -1};
  guest->length = 0;
  int code = open_machine(&machine, guest);
  if (code == 0) code = loop(&machine, guest);
  close_machine(&machine);
  return code;
}
