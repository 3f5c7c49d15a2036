import LinuxSystem

/// A wire whose far end is the kernel's own network, with an address, in a namespace without a name: programs of the host that serve
/// there reach nothing but who is at the near end, and nobody else reaches them.
public final class AddressedWire: Sendable {
  /// Addresses of the two ends, in one network of ``bits``.
  public static let farAddress = "10.77.0.1"
  public static let nearAddress = "10.77.0.2"
  public static let bits = 24

  /// What is at the near end.
  public enum NearEnd: Sendable, Hashable {
    /// A monitor: the descriptor of a TAP interface, whose guest takes the near address.
    case tap(Int32)
    /// Programs of the host, in the namespace that the descriptor stands for, by an interface that has the near address: the other
    /// one of a pair of virtual Ethernet interfaces.
    case namespace(Int32)
  }

  /// The near end, for as long as this lives; processes that are forked meanwhile have it too.
  public let nearEnd: NearEnd
  private let parts: Wire.Parts

  /// - Parameter hasMonitor: whether a monitor is at the near end.
  /// - Throws: `SystemError` where this process may not make it, saying which capability it lacks.
  public init(hasMonitor: Bool) throws(SystemError) {
    parts = hasMonitor ? try Self.tap() : try Self.pair()
    nearEnd = hasMonitor ? .tap(parts.near.rawValue) : .namespace(parts.near.rawValue)
  }

  /// Runs `body` on the calling thread at the far end: what it starts stays there.
  public func atFarEnd<Result: ~Copyable>(_ body: () throws(SystemError) -> Result) throws(SystemError) -> Result {
    try NetworkNamespace.within(parts.far.rawValue, body)
  }

  private static func tap() throws(SystemError) -> Wire.Parts {
    try NetworkNamespace.make { () throws(SystemError) in
      let interface = try TAPInterface()
      try NetworkInterface.setAddress(interface.name, farAddress, bits: bits)
      return Wire.Parts(near: try interface.descriptor.duplicate(), far: try NetworkNamespace.current())
    }
  }

  private static func pair() throws(SystemError) -> Wire.Parts {
    let near = try NetworkNamespace.make { () throws(SystemError) in Held(try NetworkNamespace.current()) }
    return try NetworkNamespace.make { () throws(SystemError) in
      let parts = Wire.Parts(near: try near.namespace.duplicate(), far: try NetworkNamespace.current())
      try VirtualEthernet.makePair("far", "near", secondIn: parts.near.rawValue)
      try NetworkInterface.setAddress("far", farAddress, bits: bits)
      try NetworkNamespace.within(parts.near.rawValue) { () throws(SystemError) in
        try NetworkInterface.setAddress("near", nearAddress, bits: bits)
        try NetworkInterface.start("near", queueLength: VirtualEthernet.queueLength)
      }
      return parts
    }
  }

  /// A namespace, handed from the thread that made it to another.
  private final class Held: Sendable {
    let namespace: Descriptor

    init(_ namespace: consuming Descriptor) { self.namespace = namespace }
  }
}
