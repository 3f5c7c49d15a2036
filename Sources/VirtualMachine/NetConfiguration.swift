import Devices
import Frames

/// A machine's network interface.
public struct NetConfiguration: Sendable {
  /// How the guest reaches it.
  public enum Attachment: Sendable, Hashable {
    /// virtio-net over virtio-mmio.
    case virtioMMIO(ServiceMode)
    /// virtio-net over virtio-pci with MSI-X.
    case virtioPCI(ServiceMode)
    /// An 82540EM on PCI.
    case e1000
  }

  /// The wire's end that the interface is plugged into. It serves one machine at a time.
  public var link: any FrameLink
  public var attachment: Attachment
  /// Address, queues and rings.
  public var options: NetOptions

  public init(_ link: any FrameLink, attachment: Attachment, options: NetOptions = NetOptions()) {
    self.link = link
    self.attachment = attachment
    self.options = options
  }
}
