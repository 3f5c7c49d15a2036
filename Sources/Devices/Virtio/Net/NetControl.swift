import Frames

/// What a driver decided by way of the control queue, and how it does (virtio 1.2 §5.1.6.5).
struct NetControl {
  private let features: VirtioFeatures
  private let pairs: Int
  private(set) var filter: NetFilter
  /// Queue pairs in use; the first one alone until the driver asks for more.
  private(set) var activePairs = 1

  init(_ options: NetOptions, _ features: VirtioFeatures, _ rules: NetRules) {
    self.features = features
    pairs = rules.pairs
    filter = NetFilter(options.address, rules)
  }

  /// Carries out the command in a chain whose answer byte was cut off.
  /// - Returns: the answer.
  mutating func handle(_ chain: inout DescriptorChain) -> UInt8 {
    var command: (UInt8, UInt8) = (0, 0)
    guard take(&chain, &command) else { return NetCommand.error }
    let isDone: Bool
    switch command.0 {
    case NetCommand.receive where features.contains(.netControlReceive): isDone = setReceive(command.1, &chain)
    case NetCommand.address where command.1 == NetCommand.setTables && features.contains(.netControlReceive):
      isDone = setTables(&chain)
    case NetCommand.address where command.1 == NetCommand.setAddress && features.contains(.netControlAddress):
      isDone = setAddress(&chain)
    case NetCommand.multipleQueues where command.1 == NetCommand.setPairs && features.contains(.netMultipleQueues):
      isDone = setPairs(&chain)
    default: isDone = false
    }
    return isDone ? NetCommand.ok : NetCommand.error
  }

  private func take<T: BitwiseCopyable>(_ chain: inout DescriptorChain, _ value: inout T) -> Bool {
    unsafe withUnsafeMutableBytes(of: &value) { unsafe chain.takeReadable($0) }
  }

  private mutating func setReceive(_ command: UInt8, _ chain: inout DescriptorChain) -> Bool {
    var isOn: UInt8 = 0
    guard take(&chain, &isOn), chain.readableBytes == 0, isOn <= 1 else { return false }
    if command > NetCommand.allGroups, !features.contains(.netControlReceiveExtra) { return false }
    switch command {
    case NetCommand.all: filter.takesAll = isOn == 1
    case NetCommand.allGroups: filter.takesAllGroups = isOn == 1
    case NetCommand.allStations: filter.takesAllStations = isOn == 1
    case NetCommand.noGroup: filter.takesNoGroup = isOn == 1
    case NetCommand.noStation: filter.takesNoStation = isOn == 1
    case NetCommand.noBroadcast: filter.takesNoBroadcast = isOn == 1
    default: return false
    }
    return true
  }

  /// Two tables, either of them a number and as many addresses: stations, then groups.
  private mutating func setTables(_ chain: inout DescriptorChain) -> Bool {
    guard case .some(let stations) = takeTable(&chain), case .some(let groups) = takeTable(&chain),
      chain.readableBytes == 0
    else { return false }
    filter.stations = stations
    filter.groups = groups
    return true
  }

  /// - Returns: nil for a table that is cut short, and nil inside for one that there is no room for.
  private func takeTable(_ chain: inout DescriptorChain) -> [EthernetAddress]?? {
    var count: UInt32 = 0
    guard take(&chain, &count), UInt64(count) * 6 <= chain.readableBytes else { return nil }
    guard count <= NetFilter.tableLimit else {
      chain.dropReadable(UInt64(count) * 6)
      return .some(nil)
    }
    var table: [EthernetAddress] = []
    for _ in 0..<count {
      guard let address = takeAddress(&chain) else { return nil }
      table.append(address)
    }
    return .some(table)
  }

  private func takeAddress(_ chain: inout DescriptorChain) -> EthernetAddress? {
    var bytes: (UInt16, UInt16, UInt16) = (0, 0, 0)
    guard take(&chain, &bytes) else { return nil }
    return EthernetAddress(rawValue: UInt64(bytes.0) | UInt64(bytes.1) << 16 | UInt64(bytes.2) << 32)
  }

  private mutating func setAddress(_ chain: inout DescriptorChain) -> Bool {
    guard chain.readableBytes == 6, let address = takeAddress(&chain), !address.isGroup else { return false }
    filter.address = address
    return true
  }

  private mutating func setPairs(_ chain: inout DescriptorChain) -> Bool {
    var count: UInt16 = 0
    guard take(&chain, &count), chain.readableBytes == 0, 1...pairs ~= Int(count) else { return false }
    activePairs = Int(count)
    return true
  }
}
