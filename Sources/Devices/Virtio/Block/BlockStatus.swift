/// How a request ended, as its status byte says.
enum BlockStatus {
  static let ok: UInt8 = 0
  static let inputOutputError: UInt8 = 1
  static let unsupported: UInt8 = 2
}
