import Devices
import Testing

@Suite struct BusTests {
  @Test(arguments: [0x10..<0x20, 0x18..<0x19, 0x00..<0x11, 0x1f..<0x30, 0x00..<0x40] as [Range<UInt64>])
  func aRangeThatTouchesAnotherIsRefused(range: Range<UInt64>) throws {
    var bus = Bus()
    try bus.attach(RecordingDevice(), name: "first", at: 0x10..<0x20)
    let error = #expect(throws: BusOverlap.self) { try bus.attach(RecordingDevice(), name: "second", at: range) }
    #expect(error?.description.hasPrefix("second at 0x") == true)
    #expect(error?.other == "first")
  }

  @Test func neighboursDoNotOverlap() throws {
    var bus = Bus()
    let devices = (0..<5).map { _ in RecordingDevice() }
    for (index, start) in [0x20, 0x00, 0x30, 0x10, 0x40].enumerated() as EnumeratedSequence<[UInt64]> {
      try bus.attach(devices[index], name: "\(index)", at: start..<start + 0x10)
    }
    for (index, start) in [0x20, 0x00, 0x30, 0x10, 0x40].enumerated() as EnumeratedSequence<[UInt64]> {
      bus.write(start, width: .byte, value: 1)
      bus.write(start + 0xf, width: .byte, value: 2)
      #expect(devices[index].writes.map(\.offset) == [0, 0xf])
    }
  }

  @Test(arguments: [(.byte, 0xff), (.word, 0xffff), (.long, 0xffff_ffff), (.quad, .max)] as [(AccessWidth, UInt64)])
  func whatNobodyAnswersReadsAsOnesInItsWidth(width: AccessWidth, ones: UInt64) throws {
    var bus = Bus()
    #expect(bus.read(0x10, width: width) == ones)
    try bus.attach(RecordingDevice(), name: "device", at: 0x10..<0x20)
    #expect(bus.read(0x0f, width: width) == ones)
    #expect(bus.read(0x20, width: width) == ones)
    #expect(bus.read(.max, width: width) == ones)
  }

  private static let kept: [(AccessWidth, UInt64)] = [
    (.byte, 0x88), (.word, 0x7788), (.long, 0x5566_7788), (.quad, 0x1122_3344_5566_7788),
  ]

  @Test(arguments: kept)
  func bitsPastTheWidthReachNobody(width: AccessWidth, kept: UInt64) throws {
    var bus = Bus()
    let device = RecordingDevice()
    try bus.attach(device, name: "device", at: 0x10..<0x20)
    bus.write(0x14, width: width, value: 0x1122_3344_5566_7788)
    #expect(device.writes == [.init(offset: 4, width: width, value: kept)])
    #expect(bus.read(0x14, width: width) == width.mask)
  }

  @Test func aDetachedDeviceLeavesEveryRange() throws {
    var bus = Bus()
    let (moved, other) = (RecordingDevice(), RecordingDevice())
    try bus.attach(moved, name: "moved", at: 0x10..<0x20)
    try bus.attach(moved, name: "moved again", at: 0x40..<0x50)
    try bus.attach(other, name: "other", at: 0x20..<0x30)
    let (stale, kept) = (bus.slot(at: 0x10), bus.slot(at: 0x2f))
    #expect(stale?.holds(0x1f) == true && stale?.holds(0x20) == false)
    bus.detach(moved)
    #expect(stale?.holds(0x10) == false && kept?.holds(0x20) == true)
    #expect(bus.find(0x10) == nil)
    #expect(bus.find(0x40) == nil)
    #expect(bus.find(0x20)?.device === other)
    try bus.attach(other, name: "other again", at: 0x10..<0x20)
  }
}
