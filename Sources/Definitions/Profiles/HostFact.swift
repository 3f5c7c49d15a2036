/// A question to the host's inventory that has a yes, a no, or a reason why neither can be said.
public enum HostFact: Sendable, Equatable {
  /// `/dev/kvm` can be used, by one of the three backends.
  case kvm
  /// VT-x or SVM.
  case virtualizationExtension
  /// EPT or NPT, and KVM uses it.
  case nestedPaging
  /// APICv or AVIC, and KVM uses it.
  case interruptVirtualization
  /// At least one IOMMU that the kernel uses.
  case iommu
  /// The time-stamp counter runs at one rate whatever the processor does.
  case invariantTSC
  /// The kernel keeps time by the time-stamp counter.
  case clockSourceTSC
  /// Memory that corrects errors.
  case ecc
  /// Bytes of memory.
  case memory(atLeast: UInt64)
  /// Processors that are online.
  case processors(atLeast: Int)
  /// An answer of `KVM_CHECK_EXTENSION`, by the capability's full name.
  case capability(String, atLeast: Int)
  /// A fact of the inventory, by its id, that has one of these values.
  case inventory(String, oneOf: [String])
}
