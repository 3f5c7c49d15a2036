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
    /// virtio-blk over virtio-pci, served by a vhost-user back end. The guest's RAM is shared with it.
    case vhostUser
  }

  /// What holds the disk's bytes; nil where a back end has them.
  public var backing: BackingSpecification?
  /// The back end of the attachment `vhostUser`, which serves one machine.
  public var backend: VhostUserBackend?
  public var isReadOnly: Bool
  public var attachment: Attachment
  /// Queues and rings of a virtio disk.
  public var options: BlockOptions
  /// A calibration's delay of every request; nil for a disk as fast as it is.
  public var delay: InjectedDelay?

  /// - Parameters:
  ///   - backing: what holds its bytes.
  ///   - attachment: any but `vhostUser`.
  ///   - isReadOnly: whether writes are refused.
  ///   - options: queues and rings, where it is a virtio disk.
  ///   - delay: of every request, to slow it on purpose.
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

  /// A disk that another process serves, which says itself whether it can be written.
  public init(vhostUser backend: VhostUserBackend, options: BlockOptions = BlockOptions()) {
    self.backend = backend
    self.options = options
    attachment = .vhostUser
    isReadOnly = false
  }
}
