import Frames
import Testing

@testable import Devices

@Suite struct NetRulesTests {
  static let all = NetRules(
    [.netChecksum, .netHostTCP4, .netGuestChecksum, .netGuestTCP4], pairs: 1, mtu: 1500)

  static func header(_ change: (inout FrameHeader) -> Void) -> FrameHeader {
    var header = FrameHeader()
    header.flags = FrameHeader.needsChecksum
    header.segmentation = FrameHeader.tcp4
    (header.segmentSize, header.headerLength, header.checksumStart, header.checksumOffset) = (1460, 54, 34, 16)
    change(&header)
    return header
  }

  @Test func theTruthIsPassedOnAsItIs() {
    let header = Self.header { _ in }
    #expect(Self.all.checked(header, count: 40_000) == header)
    #expect(Self.all.checked(FrameHeader(), count: 1514) == FrameHeader())
  }

  static let lies: [(String, FrameHeader, UInt64)] = [
    ("no Ethernet header", FrameHeader(), 13),
    ("longer than the MTU allows", FrameHeader(), 1519),
    ("longer than any packet", header { _ in }, 65_554),
    ("checksum past the end", header { $0.checksumStart = 39_990 }, 40_000),
    ("checksum offset past the end", header { $0.checksumOffset = 65_535 }, 40_000),
    ("checksum inside the Ethernet header", header { $0.checksumStart = 2 }, 40_000),
    ("segments of nothing", header { $0.segmentSize = 0 }, 40_000),
    ("segments without a checksum", header { $0.flags = 0 }, 40_000),
    ("another kind of segments", header { $0.segmentation = 4 }, 40_000),
    ("segments with ECN, which was not offered", header { $0.segmentation = 0x81 }, 40_000),
    ("a checksum of a frame too long", header { $0.segmentation = 0 }, 40_000),
  ]

  @Test(arguments: lies.indices)
  func aHeaderThatCannotBeTrueIsNone(_ index: Int) {
    let (name, header, count) = Self.lies[index]
    #expect(Self.all.checked(header, count: count) == nil, "\(name)")
  }

  @Test func aWrongLengthOfHeadersIsHeldInsideTheFrame() {
    #expect(Self.all.checked(Self.header { $0.headerLength = 65_535 }, count: 2000)?.headerLength == 2000)
    #expect(Self.all.checked(Self.header { $0.headerLength = 0 }, count: 2000)?.headerLength == 52)
  }

  @Test func whatWasNotNegotiatedIsNotDoneAndNotLeftToTheDriver() {
    let none = NetRules([], pairs: 1, mtu: 1500)
    let checksums = NetRules([.netChecksum, .netGuestChecksum], pairs: 1, mtu: 1500)
    #expect(none.checked(Self.header { $0.segmentation = 0 }, count: 100) == nil)
    #expect(checksums.checked(Self.header { $0.segmentation = 0 }, count: 100) != nil)
    #expect(checksums.checked(Self.header { _ in }, count: 1000) == nil)
    #expect(none.acceptable(Self.header { $0.segmentation = 0 }) == nil)
    #expect(checksums.acceptable(Self.header { _ in }) == nil)
    #expect(Self.all.acceptable(Self.header { _ in }) == Self.header { _ in })
    let valid = Self.header {
      $0.flags = FrameHeader.checksumIsValid
      $0.segmentation = 0
    }
    #expect(none.acceptable(valid)?.flags == 0)
    #expect(checksums.acceptable(valid) == valid)
  }
}
