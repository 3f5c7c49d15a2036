import Synchronization

/// One PCI function with a type 0 header: identity, command and status, base addresses, capabilities (PCI 3.0 §6).
///
/// The guest's writes to the command register and to base addresses move the function's regions on the machine's buses.
/// Where a base address asks for a range that is taken, that region's decoding stays off until the next such write.
/// Configuration accesses come one at a time.
public final class PCIFunction {
  /// Offsets in the header.
  enum Register {
    static let command = 0x04
    static let status = 0x06
    static let headerType = 0x0e
    static let baseAddresses = 0x10..<0x28
    static let capabilities = 0x34
    static let interruptLine = 0x3c
    static let interruptPin = 0x3d
    static let firstCapability = 0x40
  }

  /// Bits of the command register (PCI 3.0 §6.2.2).
  enum Command {
    static let ports: UInt16 = 1 << 0
    static let memory: UInt16 = 1 << 1
    static let busMaster: UInt16 = 1 << 2
    static let interruptDisable: UInt16 = 1 << 10
    static let writable: UInt16 = 0x0547  // the above, parity response, SERR#
  }

  /// What this function is.
  public let identity: PCIIdentity
  /// Names the function in bus errors.
  public let name: String
  /// Called after a region moved: the register's index and where it stands now, nil where it is not decoded.
  public var regionMoved: ((_ index: Int, _ range: Range<UInt64>?) -> Void)?

  weak var host: (any BARHost)?
  var space = PCIConfigurationSpace()
  var baseAddresses = [PCIBaseAddress?](repeating: nil, count: 6)
  /// The command register again, for device threads that ask while a vCPU writes configuration.
  private let commandCopy = Atomic<UInt16>(0)
  private var overlays: [(range: Range<Int>, device: any BusDevice)] = []
  private var lastCapability: Int?
  private var nextCapability = Register.firstCapability

  /// Makes a function without regions.
  /// - Parameters:
  ///   - identity: what the header's read-only registers hold.
  ///   - name: what messages call the function.
  ///   - interruptPin: 1 for INTA# to 4 for INTD#, 0 for a function without a line.
  ///   - firstCapability: where capabilities start; a device with own registers from 0x40 puts them past those.
  public init(
    _ identity: PCIIdentity, name: String, interruptPin: UInt8 = 0, firstCapability: Int = 0x40
  ) {
    self.identity = identity
    self.name = name
    nextCapability = firstCapability
    space.define(identity.vendor, at: 0x00)
    space.define(identity.device, at: 0x02)
    space.define(UInt16(0), at: Register.command, writable: Command.writable)
    space.define(UInt16(0), at: Register.status, clearedByOnes: 0xf900)
    space.define(identity.classCode << 8 | UInt32(identity.revision), at: 0x08)
    space.define(UInt16(0), at: 0x0c, writable: 0xffff)  // cache line size, latency timer: kept, without effect
    space.define(identity.subsystemVendor, at: 0x2c)
    space.define(identity.subsystem, at: 0x2e)
    space.define(UInt8(0), at: Register.interruptLine, writable: 0xff)
    space.define(interruptPin, at: Register.interruptPin)
  }

  // MARK: Making up a function, before the guest runs

  /// Adds a register of the device's own, outside the header.
  public func define<T: FixedWidthInteger>(_ value: T, at offset: Int, writable: T = 0) {
    precondition(offset >= Register.firstCapability, "the header belongs to the model")
    space.define(value, at: offset, writable: writable)
  }

  /// Lets a device answer a range of the configuration space past the header.
  public func overlay(_ device: any BusDevice, at range: Range<Int>) {
    precondition(range.lowerBound >= Register.firstCapability && range.upperBound <= PCIConfigurationSpace.size)
    precondition(!overlays.contains { $0.range.overlaps(range) }, "overlays do not overlap")
    overlays.append((range, device))
  }

  /// Appends a capability to the list (PCI 3.0 §6.7).
  /// - Parameters:
  ///   - identifier: its kind: 0x05 for MSI, 0x09 for a vendor's own, 0x11 for MSI-X.
  ///   - body: the bytes that follow the identifier and the link; read-only unless overlaid.
  /// - Returns: the offset of the capability's first byte.
  @discardableResult
  public func addCapability(_ identifier: UInt8, body: [UInt8]) -> Int {
    let offset = nextCapability
    precondition(offset + 2 + body.count <= PCIConfigurationSpace.size, "capabilities fit the configuration space")
    space.define(identifier, at: offset)
    for (index, byte) in body.enumerated() { space.define(byte, at: offset + 2 + index) }
    space.set(UInt8(offset), at: lastCapability.map { $0 + 1 } ?? Register.capabilities)
    space.set(1 << 4, at: Register.status)
    lastCapability = offset
    nextCapability = (offset + 2 + body.count + 3) & ~3
    return offset
  }

  /// Gives a base address register a region of ports.
  /// - Parameters:
  ///   - device: what answers there.
  ///   - index: of the register, 0 to 5, not taken yet.
  ///   - size: bytes, a power of two from 4 to 256.
  public func addPorts(_ device: any BusDevice, at index: Int, size: UInt64) {
    precondition((4...256).contains(size), "PCI 3.0 §6.2.5.1 limits a region of ports to 256")
    add(PCIBaseAddress(kind: .ports, size: size, device: device), at: index)
  }

  /// Gives a base address register a region of memory; 64-bit regions take the next register too.
  /// - Parameters:
  ///   - device: what answers there.
  ///   - index: of the register, 0 to 5, not taken yet.
  ///   - size: bytes, a power of two from 4096, so that no two functions share a page, to 1 GiB.
  ///   - is64Bit: whether it may lie above 4 GiB.
  public func addMemory(_ device: any BusDevice, at index: Int, size: UInt64, is64Bit: Bool = false) {
    precondition(size >= 4096 && size <= 1 << 30, "a region takes from 4 KiB to 1 GiB")
    add(PCIBaseAddress(kind: is64Bit ? .memory64 : .memory32, size: size, device: device), at: index)
  }

  private func add(_ base: PCIBaseAddress, at index: Int) {
    precondition(base.size & (base.size - 1) == 0, "a region's size is a power of two")
    let isWide = base.kind == .memory64
    precondition(baseAddresses[index] == nil && (!isWide || index < 5 && baseAddresses[index + 1] == nil))
    precondition(index == 0 || baseAddresses[index - 1]?.kind != .memory64, "the register is another's upper half")
    baseAddresses[index] = base
    let offset = Register.baseAddresses.lowerBound + index * 4
    let mask = ~(base.size - 1)
    space.define(base.kind.rawValue, at: offset, writable: UInt32(truncatingIfNeeded: mask))
    if isWide { space.define(UInt32(0), at: offset + 4, writable: UInt32(truncatingIfNeeded: mask >> 32)) }
  }

  /// Says in the header that function 0 has siblings.
  func markMultifunction() {
    space.set(0x80, at: Register.headerType)
  }

  // MARK: State

  /// The command register.
  var command: UInt16 { UInt16(truncatingIfNeeded: space.read(Register.command, width: .word)) }

  /// Whether the guest lets the function reach memory by itself. Any thread may ask.
  public var isBusMaster: Bool { commandCopy.load(ordering: .relaxed) & Command.busMaster != 0 }

  /// Whether the guest turned the function's interrupt line off. Any thread may ask.
  public var isLineDisabled: Bool { commandCopy.load(ordering: .relaxed) & Command.interruptDisable != 0 }

  /// Where a region stands on its bus, nil where it is not decoded.
  public func mappedRange(_ index: Int) -> Range<UInt64>? { baseAddresses[index]?.mapped }

  // MARK: The guest's accesses

  /// Reads configuration space.
  public func read(_ offset: Int, width: AccessWidth) -> UInt32 {
    let count = min(Int(width.rawValue), 4)
    let range = offset..<offset + count
    guard let overlay = overlays.first(where: { $0.range.overlaps(range) }) else {
      return space.read(offset, width: width)
    }
    if overlay.range.lowerBound <= range.lowerBound, range.upperBound <= overlay.range.upperBound {
      let narrow: AccessWidth = width == .quad ? .long : width
      let value = overlay.device.read(UInt64(offset - overlay.range.lowerBound), width: narrow)
      return UInt32(truncatingIfNeeded: value & narrow.mask)
    }
    return range.reduce(0) { $0 | read($1, width: .byte) << UInt32(($1 - offset) * 8) }
  }

  /// Writes configuration space.
  public func write(_ offset: Int, width: AccessWidth, value: UInt32) {
    let range = offset..<offset + min(Int(width.rawValue), 4)
    if let overlay = overlays.first(where: { $0.range.overlaps(range) }) {
      write(range, width: width, value: value, partlyTo: overlay)
      return
    }
    space.write(offset, width: width, value: value)
    let command = range.overlaps(Register.command..<Register.command + 2)
    if command { commandCopy.store(self.command, ordering: .relaxed) }
    if command || range.overlaps(Register.baseAddresses) { updateDecoding() }
  }

  private func write(
    _ range: Range<Int>, width: AccessWidth, value: UInt32, partlyTo overlay: (range: Range<Int>, device: any BusDevice)
  ) {
    let narrow: AccessWidth = width == .quad ? .long : width
    if overlay.range.lowerBound <= range.lowerBound, range.upperBound <= overlay.range.upperBound {
      let offset = UInt64(range.lowerBound - overlay.range.lowerBound)
      overlay.device.write(offset, width: narrow, value: UInt64(value) & narrow.mask)
      return
    }
    for at in range {
      write(at, width: .byte, value: value >> UInt32((at - range.lowerBound) * 8) & 0xff)
    }
  }
}
