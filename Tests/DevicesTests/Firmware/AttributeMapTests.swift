import Devices
import Testing

@Suite struct AttributeMapTests {
  private final class Log {
    var changes: [Int: AttributeMap.Attributes] = [:]
    var count = 0
  }

  private let log = Log()
  private let map: AttributeMap

  init() {
    let log = log
    map = AttributeMap { segment, attributes in
      log.changes[segment] = attributes
      log.count += 1
    }
  }

  @Test func theSegmentsFillTheAddressesOnceInOrder() {
    #expect(AttributeMap.segments.first?.lowerBound == 0xc0000)
    #expect(AttributeMap.segments.last == 0xf0000..<0x100000)
    #expect(zip(AttributeMap.segments, AttributeMap.segments.dropFirst()).allSatisfy { $0.upperBound == $1.lowerBound })
  }

  @Test func theFirstRegistersHighHalfIsTheLastSegment() {
    map.write(0, width: .byte, value: 0x31)
    #expect(log.changes == [12: [.reads, .writes]])
    #expect(map.read(0, width: .byte) == 0x30)
  }

  @Test(arguments: 0..<12)
  func everyHalfIsASegment(segment: Int) {
    map.write(UInt64(1 + segment / 2), width: .byte, value: segment % 2 == 0 ? 0x01 : 0x20)
    #expect(log.changes == [segment: segment % 2 == 0 ? .reads : .writes])
  }

  @Test func aWideWriteIsOneOfBytesAndOnlyChangesAreTold() {
    map.write(3, width: .long, value: 0x3333_3333)
    #expect(log.changes == Dictionary(uniqueKeysWithValues: (4..<12).map { ($0, [.reads, .writes]) }))
    map.write(3, width: .long, value: 0xffff_3333)
    #expect(log.count == 8)
    #expect(map.read(3, width: .long) == 0x3333_3333)
    map.write(3, width: .byte, value: 0x13)
    #expect(log.count == 9 && log.changes[5] == .reads)
  }

  @Test func whatIsBehindTheRegistersIsIgnored() {
    map.write(6, width: .quad, value: .max)
    #expect(log.count == 2)
    #expect(map.read(6, width: .long) == 0x33)
    #expect(map.read(7, width: .quad) == 0)
  }
}

@Suite struct SystemControlPortTests {
  @Test func theAddressLineIsKeptAndTheResetRises() {
    var resets = 0
    let port = SystemControlPort { resets += 1 }
    #expect(port.read(0, width: .byte) == 2)
    port.write(0, width: .byte, value: 0xfc)
    #expect(port.read(0, width: .byte) == 0 && resets == 0)
    port.write(0, width: .byte, value: 3)
    port.write(0, width: .byte, value: 1)
    #expect(resets == 1)
    port.write(0, width: .byte, value: 0)
    port.write(0, width: .byte, value: 1)
    #expect(resets == 2)
  }
}
