import Frames

/// Which received frames are for the driver (virtio 1.2 §5.1.6.5.1, §5.1.6.5.2).
struct NetFilter {
  /// Entries of each table; with more the table counts as full of everything, as a device may have it (§5.1.6.5.2.1).
  static let tableLimit = 64

  var address: EthernetAddress
  var takesAll: Bool
  var takesAllGroups: Bool
  var takesAllStations = false
  var takesNoGroup = false
  var takesNoStation = false
  var takesNoBroadcast = false
  /// nil where the driver named more than there is room for.
  var stations: [EthernetAddress]? = []
  var groups: [EthernetAddress]? = []

  /// Until the driver says more: frames to its address and to groups, whose table only a driver with the control queue can fill.
  /// A driver that takes another address than the device's without saying so gets everything.
  init(_ address: EthernetAddress, _ rules: NetRules) {
    self.address = address
    takesAll = !rules.knowsAddress
    takesAllGroups = !rules.controlsReceive
  }

  @inline(__always)
  func takes(_ destination: EthernetAddress) -> Bool {
    if takesAll { return true }
    if destination == address { return !takesNoStation }
    return takesOther(destination)
  }

  private func takesOther(_ destination: EthernetAddress) -> Bool {
    if destination == .broadcast { return !takesNoBroadcast }
    if destination.isGroup {
      return !takesNoGroup && (takesAllGroups || groups?.contains(destination) ?? true)
    }
    return !takesNoStation && (takesAllStations || stations?.contains(destination) ?? true)
  }
}
