import KVM
import LinuxSystem
import TestSupport
import Testing

@Suite(.enabled(if: Host.hasKVM, "needs a /dev/kvm that this user may open"))
struct EventTests {
  /// mov dx, 0x4e48; mov al, VALUE; out dx, al; out dx, al; out dx, al; out 0x10, al
  private static func ring(_ value: UInt8) -> [UInt8] {
    [0xba, 0x48, 0x4e, 0xb0, value, 0xee, 0xee, 0xee, 0xe6, 0x10]
  }

  @Test func aPortDoorbellIsCountedWithoutAnExit() throws {
    let guest = try RealModeGuest(Self.ring(0x4d))
    let event = try EventCounter(nonBlocking: true)
    try guest.machine.attach(event, to: Doorbell(.port, 0x4e48, width: 1))
    let access = try guest.enterToPort()
    #expect(access.port == 0x10)
    let rings = event.take()
    #expect(rings == 3)
  }

  @Test func aMatchingDoorbellLetsOtherValuesThrough() throws {
    let guest = try RealModeGuest(Self.ring(0x4e))
    let event = try EventCounter(nonBlocking: true)
    try guest.machine.attach(event, to: Doorbell(.port, 0x4e48, width: 1, match: 0x4d))
    let access = try guest.enterToPort()
    #expect(access.port == 0x4e48)
    let rings = event.take()
    #expect(rings == nil)
  }

  @Test func aMemoryDoorbellIsCountedWithoutAnExit() throws {
    // mov al, 1; mov [0xa000], al; mov [0xa000], al; out 0x10, al
    let guest = try RealModeGuest([0xb0, 0x01, 0xa2, 0x00, 0xa0, 0xa2, 0x00, 0xa0, 0xe6, 0x10])
    let event = try EventCounter(nonBlocking: true)
    try guest.machine.attach(event, to: Doorbell(.memory, 0xa000, width: 1))
    let access = try guest.enterToPort()
    #expect(access.port == 0x10)
    let rings = event.take()
    #expect(rings == 2)
  }

  @Test func aDetachedDoorbellExitsAgain() throws {
    let guest = try RealModeGuest(Self.ring(0x4d))
    let event = try EventCounter(nonBlocking: true)
    let doorbell = Doorbell(.port, 0x4e48, width: 1)
    try guest.machine.attach(event, to: doorbell)
    try guest.machine.detach(event, from: doorbell)
    let access = try guest.enterToPort()
    #expect(access.port == 0x4e48)
    let rings = event.take()
    #expect(rings == nil)
  }

  @Test func twoDoorbellsAtOnePlaceAreAnErrorThatNamesIt() throws {
    let guest = try RealModeGuest([0xf4])
    let first = try EventCounter()
    let second = try EventCounter()
    try guest.machine.attach(first, to: Doorbell(.port, 0x4e48, width: 1))
    let error = #expect(throws: SystemError.self) {
      try guest.machine.attach(second, to: Doorbell(.port, 0x4e48, width: 1))
    }
    #expect(error?.description.contains("doorbell at 0x4e48") == true)
  }

  /// Sets the PIC up with vectors from 0x20, lets line 5 through, reports 1 and halts with interrupts on. An edge that
  /// comes before the report is forgotten by the PIC's initialisation.
  private static let waitForLine5: [UInt8] =
    out(0x20, 0x11) + out(0x21, 0x20) + out(0x21, 4) + out(0x21, 1) + out(0x21, 0xdf) + out(0x10, 1)
    + [0xfb, 0xf4, 0xeb, 0xfd]
  /// Reports 0x5a to port 0x10, ends the interrupt, returns.
  private static let handler: [UInt8] = [0xb0, 0x5a, 0xe6, 0x10, 0xb0, 0x20, 0xe6, 0x20, 0xcf]

  private static func out(_ port: UInt8, _ value: UInt8) -> [UInt8] { [0xb0, value, 0xe6, port] }

  @Test(arguments: [false, true])
  func everySignalOfAnInterruptEventRunsTheHandler(routesAreReplaced: Bool) throws {
    let guest = try RealModeGuest(
      Self.waitForLine5, other: [0x25 * 4: [0x00, 0x11, 0x00, 0x00], 0x1100: Self.handler])
    if routesAreReplaced { try guest.machine.setRoutes((0..<24).map { .pin(gsi: $0) }) }
    let event = try EventCounter()
    try guest.machine.attach(event, toInterrupt: 5)
    #expect(try guest.runToReport() == 1)
    for _ in 0..<3 {
      event.signal()
      #expect(try guest.runToReport() == 0x5a)
    }
  }

  @Test func aPulsedLineRunsTheHandler() throws {
    let guest = try RealModeGuest(
      Self.waitForLine5, other: [0x25 * 4: [0x00, 0x11, 0x00, 0x00], 0x1100: Self.handler])
    #expect(try guest.runToReport() == 1)
    for _ in 0..<2 {
      try guest.machine.setLine(5, high: true)
      #expect(try guest.runToReport() == 0x5a)
      try guest.machine.setLine(5, high: false)
    }
  }
}
