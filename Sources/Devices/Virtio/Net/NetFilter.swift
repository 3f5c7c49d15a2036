import Frames

/// Which received frames are for the driver (virtio 1.2 §5.1.6.5.1, §5.1.6.5.2).
struct NetFilter {
  /// What a driver turns on and off, by the number of the command that does it (§5.1.6.5.1).
  enum Mode: UInt8 {
    /// Everything is received.
    case all = 0
    /// Every group's frames are, every station's are.
    case allGroups
    case allStations
    /// No group's frames are, no station's are, no broadcasts are.
    case noGroup
    case noStation
    case noBroadcast

    /// Whether the mode needs VIRTIO_NET_F_CTRL_RX_EXTRA.
    var isExtra: Bool { rawValue > Mode.allGroups.rawValue }
  }

  /// Entries of each table; with more the table counts as full of everything, as a device may have it (§5.1.6.5.2.1).
  static let tableLimit = 64

  var address: EthernetAddress
  private var modes: UInt8 = 0
  /// nil where the driver named more than there is room for.
  var stations: [EthernetAddress]? = []
  var groups: [EthernetAddress]? = []

  /// Until the driver says more: frames to its address and to groups, whose table only a driver with the control queue can fill.
  /// A driver that takes another address than the device's without saying so gets everything.
  init(_ address: EthernetAddress, _ rules: NetRules) {
    self.address = address
    set(.all, !rules.knowsAddress)
    set(.allGroups, !rules.controlsReceive)
  }

  mutating func set(_ mode: Mode, _ isOn: Bool) {
    let bit = UInt8(1) << mode.rawValue
    modes = isOn ? modes | bit : modes & ~bit
  }

  @inline(__always)
  private func has(_ mode: Mode) -> Bool { modes & 1 << mode.rawValue != 0 }

  @inline(__always)
  func takes(_ destination: EthernetAddress) -> Bool {
    if has(.all) { return true }
    if destination == address { return !has(.noStation) }
    return takesOther(destination)
  }

  private func takesOther(_ destination: EthernetAddress) -> Bool {
    if destination == .broadcast { return !has(.noBroadcast) }
    if destination.isGroup {
      return !has(.noGroup) && (has(.allGroups) || groups?.contains(destination) ?? true)
    }
    return !has(.noStation) && (has(.allStations) || stations?.contains(destination) ?? true)
  }
}
