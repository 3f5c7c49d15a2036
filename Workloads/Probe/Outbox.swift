import PortIO
import ProbeABI

/// A NearMetal machine's way out for records: one exit each, where COM1 takes one for every byte.
enum Outbox {
  /// Bytes from which a record goes this way. Shorter ones, the first of a boot among them, leave every machine by COM1 alike.
  static let least: UInt64 = 100

  /// Whether this machine has one.
  static var isThere: Bool { inl(UInt16(NM_PORT_OUTBOX)) == NM_OUTBOX_VALUE }

  static func send(_ bytes: UnsafePointer<UInt8>, _ count: UInt64) {
    // Physical addresses are the same as linear ones, and the stack lies in the image.
    var parcel = nm_parcel(address: UInt64(UInt(bitPattern: bytes)), length: count)
    withUnsafePointer(to: &parcel) { outl(UInt16(NM_PORT_OUTBOX), UInt32(truncatingIfNeeded: UInt(bitPattern: $0))) }
  }
}
