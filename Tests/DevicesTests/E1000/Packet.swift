/// An Internet packet in an Ethernet frame, as a driver hands it to a controller and as it has to leave.
struct Packet {
  enum Kind: String, CaseIterable, CustomStringConvertible {
    case tcp4, tcp6, udp4, udp6
    var isIPv4: Bool { self == .tcp4 || self == .udp4 }
    var isTCP: Bool { self == .tcp4 || self == .tcp6 }
    var description: String { rawValue }
  }
  static let kinds = Kind.allCases

  let kind: Kind
  let payload: [UInt8]

  init(_ kind: Kind, payload count: Int) {
    self.kind = kind
    payload = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
  }

  static func udp(payload: Int) -> Packet { Packet(.udp4, payload: payload) }

  private static let identification = 0xfffe
  private static let sequence: UInt32 = 0xffff_f000
  private static let network = 14
  private var transport: Int { kind.isIPv4 ? 34 : 54 }
  var headerLength: Int { transport + (kind.isTCP ? 20 : 8) }
  private var checksumPlace: Int { transport + (kind.isTCP ? 16 : 6) }
  private var addresses: [UInt8] {
    kind.isIPv4 ? [10, 0, 0, 1, 10, 0, 0, 200] : (0..<32).map { UInt8(0x20 + $0) }
  }

  private static func big(_ value: Int) -> [UInt8] { [UInt8(value >> 8 & 0xff), UInt8(value & 0xff)] }

  /// The headers of segment `index`, with checksums of 0. `count` bytes of payload begin at `offset`.
  private func headers(_ index: Int, offset: Int, count: Int, isLast: Bool) -> [UInt8] {
    let length = headerLength - transport + count
    var bytes: [UInt8] = [2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2] + (kind.isIPv4 ? [0x08, 0x00] : [0x86, 0xdd])
    let number: UInt8 = kind.isTCP ? 6 : 17
    if kind.isIPv4 {
      bytes += [0x45, 0] + Self.big(20 + length) + Self.big((Self.identification + index) & 0xffff)
      bytes += [0x40, 0, 64, number, 0, 0] + addresses
    } else {
      bytes += [0x60, 0, 0, 0] + Self.big(length) + [number, 64] + addresses
    }
    bytes += [0x12, 0x34, 0x56, 0x78]
    if kind.isTCP {
      let sequence = Self.sequence &+ UInt32(offset)
      bytes += (0..<4).map { UInt8(truncatingIfNeeded: sequence >> UInt32(24 - 8 * $0)) }
      // ACK always, PSH and FIN at the end.
      bytes += [1, 2, 3, 4, 0x50, isLast ? 0x19 : 0x10, 0xff, 0xff, 0, 0, 0, 0]
    } else {
      bytes += Self.big(length) + [0, 0]
    }
    return bytes
  }

  private func pseudoHeader(_ length: Int) -> [UInt8] { addresses + Self.big(kind.isTCP ? 6 : 17) + Self.big(length) }

  private func finish(_ headers: [UInt8], _ data: [UInt8]) -> [UInt8] {
    var bytes = headers + data
    if kind.isIPv4 { bytes.replaceSubrange(24..<26, with: Self.big(Int(referenceChecksum(Array(bytes[14..<34]))))) }
    let covered = pseudoHeader(bytes.count - transport) + bytes[transport...]
    bytes.replaceSubrange(checksumPlace..<checksumPlace + 2, with: Self.big(Int(referenceChecksum(covered))))
    return bytes
  }

  /// The whole packet, and what a driver leaves to the controller of it: the sum of the pseudo header in place of the checksum.
  var finished: [UInt8] { finish(headers(0, offset: 0, count: payload.count, isLast: true), payload) }
  var unfinished: [UInt8] {
    var bytes = headers(0, offset: 0, count: payload.count, isLast: true) + payload
    let sum = ~referenceChecksum(pseudoHeader(bytes.count - transport))
    bytes.replaceSubrange(checksumPlace..<checksumPlace + 2, with: Self.big(Int(sum)))
    return bytes
  }

  /// Headers for segmentation: no lengths, and none in the sum of the pseudo header.
  var headersForSegments: [UInt8] {
    var bytes = headers(0, offset: 0, count: 0, isLast: true)
    let lengthPlace = kind.isIPv4 ? 16 : 18
    bytes.replaceSubrange(lengthPlace..<lengthPlace + 2, with: [0, 0])
    bytes.replaceSubrange(checksumPlace..<checksumPlace + 2, with: Self.big(Int(~referenceChecksum(pseudoHeader(0)))))
    return bytes
  }

  func segments(_ size: Int) -> [[UInt8]] {
    stride(from: 0, to: payload.count, by: size).enumerated().map { index, offset in
      let end = min(offset + size, payload.count)
      let headers = headers(index, offset: offset, count: end - offset, isLast: end == payload.count)
      return finish(headers, Array(payload[offset..<end]))
    }
  }

  /// The first word of a context descriptor, and its bits for the protocols.
  var context: UInt64 {
    let low = UInt64(Self.network) | (kind.isIPv4 ? 24 << 8 | 33 << 16 : 0)
    return low | UInt64(transport) << 32 | UInt64(checksumPlace) << 40
  }
  var contextCommand: UInt64 { (kind.isTCP ? 1 << 24 : 0) | (kind.isIPv4 ? 1 << 25 : 0) }
}
