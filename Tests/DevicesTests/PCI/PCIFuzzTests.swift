import Devices
import Testing

#if canImport(Glibc)
  import Glibc
#endif

@Suite struct PCIFuzzTests {
  /// How long to go on: NEARMETAL_FUZZ_SECONDS, two seconds by default.
  private var duration: Duration {
    unsafe .seconds(getenv("NEARMETAL_FUZZ_SECONDS").flatMap { unsafe Double(String(cString: $0)) } ?? 2)
  }

  /// A machine with three devices whose regions may be moved.
  func machine() throws -> (PCIMachine, MessageLog) {
    let machine = PCIMachine()
    let log = MessageLog()
    machine.pci.attach(PCIChipset.hostBridge(), device: 0)
    machine.pci.attach(PCIChipset.isaBridge(), device: 1)
    for slot in 2..<5 {
      let device = PCIDeviceFunction(PCIIdentity(vendor: 1, device: 2, classCode: 0xff0000), name: "fuzz \(slot)")
      device.function.addPorts(ScratchRegion(), at: 0, size: 64)
      _ = device.addRegion(bar: 2, size: 0x4000, is64Bit: true)
      _ = device.addRegion(bar: 1, size: 0x1000)
      try device.addMessageSignals(count: 5, interrupts: log, bar: 1, tableOffset: 0, pendingOffset: 0x800)
      machine.pci.attach(device.function, device: slot)
    }
    return (machine, log)
  }

  @Test func noAccessCrashesAndRegionsNeverStandInRAMOnAnotherOrPastTheirSpace() throws {
    let (machine, log) = try machine()
    var generator = FuzzRandom(seed: 0x6e65_6172)
    let clock = ContinuousClock()
    let end = clock.now + duration
    while clock.now < end {
      for _ in 0..<2000 { step(machine, &generator) }
      _ = log.take()
      try check(machine)
    }
    #expect(machine.configuration(0, 0) == 0x1237_8086)
  }

  func step(_ machine: PCIMachine, _ random: inout FuzzRandom) {
    let widths = [AccessWidth.byte, .word, .long, .quad]
    let width = widths[Int(random.next() % 4)]
    let value = random.next() % 4 == 0 ? UInt64.max : random.next()
    switch random.next() % 4 {
    case 0: machine.output(0xcf8 + random.next() % 8, width, value)
    case 1:
      let slot = Int(random.next() % 6)
      // Few distinct bases, so that regions do meet.
      let meeting = UInt32(truncatingIfNeeded: 0xe000_0000 | random.next() % 4 << 12)
      let written = random.next() % 2 == 0 ? meeting : UInt32(truncatingIfNeeded: value)
      machine.setConfiguration(slot, Int(random.next() % 256), width, written)
    case 2: machine.store(0xe000_0000 + random.next() % 0x8000, width, value)
    default:
      _ = machine.load(0xe000_0000 + random.next() % 0x8000, width)
      let (slot, function) = (Int(random.next() % 32), Int(random.next() % 8))
      _ = machine.configuration(slot, function: function, Int(random.next() % 256), width)
    }
  }

  /// Throws where a region is where none may be; by `#require`, which the fuzzing program sees too.
  func check(_ machine: PCIMachine) throws {
    var ranges: [Range<UInt64>] = []
    for slot in 2..<5 {
      guard let function = machine.pci.function(device: slot) else { continue }
      if let ports = function.mappedRange(0) { try #require(ports.upperBound <= 0x1_0000) }
      for index in 1...2 { if let range = function.mappedRange(index) { ranges.append(range) } }
    }
    ranges.sort { $0.lowerBound < $1.lowerBound }
    try #require(ranges.allSatisfy { $0.lowerBound >= machine.ramEnd })
    try #require(zip(ranges, ranges.dropFirst()).allSatisfy { $0.upperBound <= $1.lowerBound })
  }
}
