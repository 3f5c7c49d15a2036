/// PCI bus 0 and configuration mechanism 1 at ports 0xCF8 to 0xCFF (PCI 3.0 §3.2.2.3.2). Attach it there.
/// Other buses, empty slots and functions that are not there read as ones, which ends a guest's enumeration.
///
/// The mechanism's address register is shared state of the whole machine: the guest serialises its use, and the machine
/// calls this device from one vCPU at a time.
public final class PCIBus: BusDevice {
  /// The ports of the mechanism.
  public static let ports: Range<UInt64> = 0xcf8..<0xd00

  /// Called when the guest writes a reset to the reset control register, port 0xCF9 (Intel 82371SB datasheet).
  public var resetRequested: (() -> Void)?

  private var functions = [PCIFunction?](repeating: nil, count: 256)
  private var address: UInt32 = 0
  private var resetControl: UInt8 = 0
  private weak var host: (any BARHost)?

  /// Makes an empty bus.
  /// - Parameter host: where regions are decoded; the machine, which owns this bus.
  public init(host: any BARHost) {
    self.host = host
  }

  /// Puts a function on the bus.
  /// - Parameters:
  ///   - device: 0 to 31.
  ///   - function: 0 to 7. A device with other functions has function 0 too, attached first.
  public func attach(_ function: PCIFunction, device: Int, function number: Int = 0) {
    precondition((0..<32).contains(device) && (0..<8).contains(number), "32 devices of 8 functions")
    precondition(functions[device * 8 + number] == nil, "the slot is free")
    if number > 0 {
      guard let first = functions[device * 8] else { preconditionFailure("function 0 comes first") }
      first.markMultifunction()
    }
    function.host = host
    functions[device * 8 + number] = function
  }

  /// The function in a slot.
  public func function(device: Int, function: Int = 0) -> PCIFunction? { functions[device * 8 + function] }

  /// Every function, in bus order.
  var all: [PCIFunction] { functions.compactMap { $0 } }

  // MARK: Ports

  public func read(_ offset: UInt64, width: AccessWidth) -> UInt64 {
    switch offset {
    case 0 where width == .long: return UInt64(address)
    case 1 where width == .byte: return UInt64(resetControl)
    case 4..<8:
      guard let (function, register) = selected(Int(offset) - 4) else { return width.mask }
      return gather(function, register, Int(offset) - 4, width)
    default: return width.mask
    }
  }

  public func write(_ offset: UInt64, width: AccessWidth, value: UInt64) {
    switch offset {
    case 0 where width == .long: address = UInt32(truncatingIfNeeded: value) & 0x80ff_fffc
    case 1 where width == .byte: writeResetControl(UInt8(truncatingIfNeeded: value))
    case 4..<8:
      guard let (function, register) = selected(Int(offset) - 4) else { return }
      scatter(function, register, Int(offset) - 4, width, value)
    default: break
    }
  }

  /// The function and the register's offset that an access to the data window means.
  private func selected(_ byte: Int) -> (PCIFunction, Int)? {
    guard address & 0x8000_0000 != 0, address >> 16 & 0xff == 0 else { return nil }
    guard let function = functions[Int(address >> 8 & 0xff)] else { return nil }
    return (function, Int(address & 0xfc) + byte)
  }

  /// Reads what of an access lies in the window's four bytes; the rest of it is ones.
  private func gather(_ function: PCIFunction, _ register: Int, _ byte: Int, _ width: AccessWidth) -> UInt64 {
    let count = Int(width.rawValue)
    if byte + count <= 4 { return UInt64(function.read(register, width: width)) }
    var value = width.mask
    for index in 0..<4 - byte {
      value &= ~(0xff << UInt64(index * 8))
      value |= UInt64(function.read(register + index, width: .byte)) << UInt64(index * 8)
    }
    return value
  }

  private func scatter(_ function: PCIFunction, _ register: Int, _ byte: Int, _ width: AccessWidth, _ value: UInt64) {
    let count = Int(width.rawValue)
    if byte + count <= 4 {
      function.write(register, width: width, value: UInt32(truncatingIfNeeded: value))
      return
    }
    for index in 0..<4 - byte {
      function.write(register + index, width: .byte, value: UInt32(value >> UInt64(index * 8) & 0xff))
    }
  }

  /// Bit 2 going from 0 to 1 resets the processor; bit 1 only chooses how hard.
  private func writeResetControl(_ value: UInt8) {
    let rises = value & 4 != 0 && resetControl & 4 == 0
    resetControl = value & 0x06
    if rises { resetRequested?() }
  }
}
