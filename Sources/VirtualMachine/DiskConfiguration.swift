import Devices
import Storage

/// A machine's disk.
public struct DiskConfiguration: Sendable {
  /// How the guest reaches it.
  public enum Attachment: Sendable, Hashable {
    /// virtio-blk over virtio-mmio.
    case virtioMMIO(ServiceMode)
    /// virtio-blk over virtio-pci with MSI-X.
    case virtioPCI(ServiceMode)
    /// The master drive of a PIIX IDE controller.
    case ide
  }

  public var backing: BackingSpecification
  public var isReadOnly: Bool
  public var attachment: Attachment
  /// Queues and rings of a virtio disk.
  public var options: BlockOptions
  /// A calibration's delay of every request; nil for a disk as fast as it is.
  public var delay: InjectedDelay?

  public init(
    _ backing: BackingSpecification, attachment: Attachment, isReadOnly: Bool = false,
    options: BlockOptions = BlockOptions(), delay: InjectedDelay? = nil
  ) {
    self.backing = backing
    self.attachment = attachment
    self.isReadOnly = isReadOnly
    self.options = options
    self.delay = delay
  }
}
