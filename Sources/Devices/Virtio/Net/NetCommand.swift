import Frames

/// A command of the control queue (virtio 1.2 §5.1.6.5): read from its buffers and checked before anything is done.
enum NetCommand: Equatable {
  /// Turns one of the receive modes on or off.
  case mode(NetFilter.Mode, isOn: Bool)
  /// Which other stations' frames, and which groups', are received; nil for more than there is room for.
  case tables(stations: [EthernetAddress]?, groups: [EthernetAddress]?)
  case address(EthernetAddress)
  /// Queue pairs in use.
  case pairs(Int)

  /// Answers to a command.
  enum Answer {
    static let ok: UInt8 = 0
    static let error: UInt8 = 1
  }

  /// Classes of commands.
  private enum Class {
    static let receive: UInt8 = 0
    static let address: UInt8 = 1
    static let multipleQueues: UInt8 = 4
  }

  /// Commands of the classes whose commands have no type of their own.
  private enum Number {
    static let setTables: UInt8 = 0
    static let setAddress: UInt8 = 1
    static let setPairs: UInt8 = 0
  }

  /// Takes the command off a chain whose answer byte was cut off.
  /// - Parameter pairs: queue pairs that there are.
  static func parse(
    _ chain: inout DescriptorChain, _ features: VirtioFeatures, pairs: Int
  ) throws(NetRefusal) -> NetCommand {
    let kind = try take(&chain, UInt8.self)
    let number = try take(&chain, UInt8.self)
    let command: NetCommand
    switch (kind, number) {
    case (Class.receive, _): command = try mode(number, &chain, features)
    case (Class.address, Number.setTables):
      guard features.contains(.netControlReceive) else { throw .notNegotiated }
      command = try .tables(stations: table(&chain), groups: table(&chain))
    case (Class.address, Number.setAddress):
      guard features.contains(.netControlAddress) else { throw .notNegotiated }
      command = .address(try address(&chain))
    case (Class.multipleQueues, Number.setPairs):
      guard features.contains(.netMultipleQueues) else { throw .notNegotiated }
      let count = Int(try take(&chain, UInt16.self))
      guard 1...pairs ~= count else { throw .impossible }
      command = .pairs(count)
    default: throw .unknown
    }
    guard chain.readableBytes == 0 else { throw .tooLong }
    return command
  }

  private static func mode(
    _ number: UInt8, _ chain: inout DescriptorChain, _ features: VirtioFeatures
  ) throws(NetRefusal) -> NetCommand {
    guard features.contains(.netControlReceive) else { throw .notNegotiated }
    guard let mode = NetFilter.Mode(rawValue: number) else { throw .unknown }
    guard !mode.isExtra || features.contains(.netControlReceiveExtra) else { throw .notNegotiated }
    let isOn = try take(&chain, UInt8.self)
    guard isOn <= 1 else { throw .impossible }
    return .mode(mode, isOn: isOn == 1)
  }

  /// A number and as many addresses.
  /// - Returns: nil for more than there is room for.
  private static func table(_ chain: inout DescriptorChain) throws(NetRefusal) -> [EthernetAddress]? {
    let count = try take(&chain, UInt32.self)
    guard UInt64(count) * 6 <= chain.readableBytes else { throw .tooShort }
    guard count <= NetFilter.tableLimit else {
      chain.dropReadable(UInt64(count) * 6)
      return nil
    }
    var table: [EthernetAddress] = []
    for _ in 0..<count { table.append(EthernetAddress(rawValue: try takeAddress(&chain))) }
    return table
  }

  private static func address(_ chain: inout DescriptorChain) throws(NetRefusal) -> EthernetAddress {
    let address = EthernetAddress(rawValue: try takeAddress(&chain))
    guard !address.isGroup else { throw .impossible }
    return address
  }

  private static func takeAddress(_ chain: inout DescriptorChain) throws(NetRefusal) -> UInt64 {
    let low = try take(&chain, UInt32.self)
    return UInt64(low) | UInt64(try take(&chain, UInt16.self)) << 32
  }

  /// The next integer, little-endian.
  private static func take<T: FixedWidthInteger & BitwiseCopyable>(
    _ chain: inout DescriptorChain, _ type: T.Type
  ) throws(NetRefusal) -> T {
    var value: T = 0
    let isWhole = unsafe withUnsafeMutableBytes(of: &value) { unsafe chain.takeReadable($0) }
    guard isWhole else { throw .tooShort }
    return T(littleEndian: value)
  }
}

/// Why a command is answered with an error and changes nothing.
enum NetRefusal: Error, Equatable {
  case tooShort
  case tooLong
  /// There is no such command.
  case unknown
  /// The driver did not accept the feature that the command belongs to.
  case notNegotiated
  /// A value that the command cannot have.
  case impossible
}
