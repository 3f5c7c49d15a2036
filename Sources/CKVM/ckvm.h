/// What `/dev/kvm` takes and gives (linux/kvm.h), apart from everything else, so that what needs no KVM builds without it.
/// The table of request codes, each with the structure whose size the kernel encodes in it.
#ifndef CKVM_H
#define CKVM_H

#include <linux/kvm.h>
#include <stddef.h>
#include <stdint.h>

#define NM_REQUEST(name) static const unsigned long nm_##name = name;
// System
NM_REQUEST(KVM_GET_API_VERSION)
NM_REQUEST(KVM_CREATE_VM)
NM_REQUEST(KVM_CHECK_EXTENSION)
NM_REQUEST(KVM_GET_VCPU_MMAP_SIZE)
NM_REQUEST(KVM_GET_SUPPORTED_CPUID)
// Virtual machine
NM_REQUEST(KVM_CREATE_VCPU)
NM_REQUEST(KVM_SET_USER_MEMORY_REGION)
NM_REQUEST(KVM_SET_TSS_ADDR)
NM_REQUEST(KVM_SET_IDENTITY_MAP_ADDR)
NM_REQUEST(KVM_CREATE_IRQCHIP)
NM_REQUEST(KVM_CREATE_PIT2)
NM_REQUEST(KVM_SET_GSI_ROUTING)
NM_REQUEST(KVM_IRQFD)
NM_REQUEST(KVM_IOEVENTFD)
NM_REQUEST(KVM_SIGNAL_MSI)
NM_REQUEST(KVM_IRQ_LINE)
NM_REQUEST(KVM_GET_IRQCHIP)
NM_REQUEST(KVM_SET_IRQCHIP)
NM_REQUEST(KVM_GET_TSC_KHZ)
NM_REQUEST(KVM_ENABLE_CAP)
NM_REQUEST(KVM_GET_STATS_FD)
// vCPU
NM_REQUEST(KVM_RUN)
NM_REQUEST(KVM_GET_REGS)
NM_REQUEST(KVM_SET_REGS)
NM_REQUEST(KVM_GET_SREGS)
NM_REQUEST(KVM_SET_SREGS)
NM_REQUEST(KVM_SET_CPUID2)
NM_REQUEST(KVM_GET_MP_STATE)
NM_REQUEST(KVM_SET_MP_STATE)
#undef NM_REQUEST

/// The entries of structures that end in a flexible array member.
static inline struct kvm_cpuid_entry2 *nm_cpuid_entries(struct kvm_cpuid2 *table) { return table->entries; }
static inline struct kvm_irq_routing_entry *nm_routing_entries(struct kvm_irq_routing *table) { return table->entries; }
static inline char *nm_stats_name(struct kvm_stats_desc *descriptor) { return descriptor->name; }

/// Fields of the run page that stand in anonymous unions.
static inline uint8_t *nm_run_mmio_data(struct kvm_run *run) { return run->mmio.data; }
static inline uint8_t *nm_run_io_data(struct kvm_run *run) { return (uint8_t *)run + run->io.data_offset; }

#endif
