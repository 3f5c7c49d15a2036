import Frames

/// What a driver decided by way of the control queue (virtio 1.2 §5.1.6.5).
struct NetControl {
  private(set) var filter: NetFilter
  /// Queue pairs in use; the first one alone until the driver asks for more.
  private(set) var activePairs = 1

  init(_ options: NetOptions, _ rules: NetRules) {
    filter = NetFilter(options.address, rules)
  }

  mutating func run(_ command: NetCommand) {
    switch command {
    case .mode(let mode, let isOn): filter.set(mode, isOn)
    case .tables(let stations, let groups): (filter.stations, filter.groups) = (stations, groups)
    case .address(let address): filter.address = address
    case .pairs(let count): activePairs = count
    }
  }
}
