/// Which checksums the controller is to insert: the lowest bits of a data descriptor's options (§3.3.7.1).
struct E1000Insertions: OptionSet {
  let rawValue: UInt8

  static let network = E1000Insertions(rawValue: 1)
  static let transport = E1000Insertions(rawValue: 2)
}
