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
    /// virtio-net over virtio-pci, served by the host's kernel through `/dev/vhost-net`, with a TAP behind it.
    case vhost(tap: Int32)
  }

  /// The wire's end that the interface is plugged into, which serves one machine at a time; nil where the kernel does that.
  public var link: (any FrameLink)?
  public var attachment: Attachment
  /// Address, queues and rings.
  public var options: NetOptions
  /// What firmware boots from the network by; nil where it does not.
  public private(set) var optionROM: OptionROM?

  /// Has firmware boot from it.
  /// - Throws: `FirmwareError` where the ROM is for another interface.
  public mutating func boot(by rom: OptionROM) throws(FirmwareError) {
    if let identity = attachment.identity { try rom.check(identity) }
    optionROM = rom
  }

  /// - Parameters:
  ///   - link: where frames go to and come from.
  ///   - attachment: any but `vhost`.
  ///   - options: address, queues and rings.
  public init(_ link: any FrameLink, attachment: Attachment, options: NetOptions = NetOptions()) {
    self.link = link
    self.attachment = attachment
    self.options = options
  }

  /// An interface that the host's kernel serves.
  /// - Parameters:
  ///   - tap: a TAP's descriptor with headers before its frames; it outlives the machine.
  ///   - options: address, queues and rings.
  public init(vhost tap: Int32, options: NetOptions = NetOptions()) {
    link = nil
    attachment = .vhost(tap: tap)
    self.options = options
  }
}

extension NetConfiguration.Attachment {
  /// What it is on PCI; nil over MMIO, where no BIOS finds it.
  fileprivate var identity: PCIIdentity? {
    switch self {
    case .virtioMMIO: nil
    case .virtioPCI, .vhost: VirtioPCI.identity(deviceType: VirtioNet.type, classCode: PCIIdentity.network)
    case .e1000: E1000.identity
    }
  }
}
