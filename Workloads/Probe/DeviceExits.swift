import CProbe
import PortIO
import ProbeABI

/// Device accesses: answered in the host kernel, in user space, or by signalling an eventfd.
enum DeviceExits {
  private static var testDeviceThere: Bool { probe_mmio_read(UInt64(NM_TEST_DEVICE)) == NM_TEST_MAGIC_VALUE }

  static func runEcho<Sample: ExitSample>(_ sample: Sample, _ job: borrowing Job, _ context: inout JobContext) {
    guard testDeviceThere else { return context.skip("this machine has no echo device") }
    ExitMeter.measure(sample, job, &context)
  }

  /// A port of a device that does nothing, or the next best where the monitor is another one.
  static func runPort<Sample: ExitSample, Other: ExitSample>(
    _ sample: Sample, else other: @autoclosure () -> Other, _ job: borrowing Job, _ context: inout JobContext
  ) {
    if testDeviceThere { ExitMeter.measure(sample, job, &context) } else { ExitMeter.measure(other(), job, &context) }
  }

  static func runDoorbell<Sample: ExitSample>(_ sample: Sample, _ job: borrowing Job, _ context: inout JobContext) {
    guard testDeviceThere else { return context.skip("this machine has no doorbell") }
    ExitMeter.measure(sample, job, &context)
  }
}

/// `exits.pio.kernel`: reads the PIC's mask, which KVM's own PIC answers.
struct KernelPortExit: ExitSample {
  mutating func sample() -> UInt64? {
    let begin = nm_tsc_begin()
    let mask = inb(0x21)
    let end = nm_tsc_end()
    return mask == 0xff ? end &- begin : nil
  }
}

/// `exits.pio.user`: a port that the monitor answers.
struct PortEcho: ExitSample {
  mutating func sample() -> UInt64? {
    let begin = nm_tsc_begin()
    let value = inl(UInt16(NM_PORT_ECHO))
    let end = nm_tsc_end()
    return value == NM_ECHO_VALUE ? end &- begin : nil
  }
}

/// `exits.pio.user` on other monitors: the scratch register of COM1, which keeps what was written (16550D, §8.8).
struct ScratchRead: ExitSample {
  private static let value: UInt8 = 0x4d

  init() { Serial.scratch = Self.value }

  mutating func sample() -> UInt64? {
    let begin = nm_tsc_begin()
    let value = Serial.scratch
    let end = nm_tsc_end()
    return value == Self.value ? end &- begin : nil
  }
}

/// `exits.pio.user.write` on other monitors.
struct ScratchWrite: ExitSample {
  mutating func sample() -> UInt64? {
    let begin = nm_tsc_begin()
    Serial.scratch = 0
    return nm_tsc_end() &- begin
  }
}

/// `exits.pio.user.write`: a port write that the monitor takes.
struct PortEchoWrite: ExitSample {
  mutating func sample() -> UInt64? {
    let begin = nm_tsc_begin()
    outl(UInt16(NM_PORT_ECHO), NM_ECHO_VALUE)
    return nm_tsc_end() &- begin
  }
}

/// `exits.mmio.user.write`: a register write that the monitor takes.
struct MemoryEchoWrite: ExitSample {
  mutating func sample() -> UInt64? {
    let begin = nm_tsc_begin()
    probe_mmio_write(UInt64(NM_TEST_DEVICE) + UInt64(NM_TEST_ECHO), NM_ECHO_VALUE)
    return nm_tsc_end() &- begin
  }
}

/// `exits.mmio.user`: a register that the monitor answers.
struct MemoryEcho: ExitSample {
  mutating func sample() -> UInt64? {
    let begin = nm_tsc_begin()
    let value = probe_mmio_read(UInt64(NM_TEST_DEVICE) + UInt64(NM_TEST_ECHO))
    let end = nm_tsc_end()
    return value == NM_ECHO_VALUE ? end &- begin : nil
  }
}

/// `exits.pio.doorbell…`: a port write that ends at an eventfd.
struct PortDoorbell: ExitSample {
  let port: UInt16

  mutating func sample() -> UInt64? {
    let begin = nm_tsc_begin()
    outl(port, NM_DOORBELL_VALUE)
    return nm_tsc_end() &- begin
  }
}

/// `exits.mmio.doorbell…`: a register write that ends at an eventfd.
struct MemoryDoorbell: ExitSample {
  let offset: UInt32

  mutating func sample() -> UInt64? {
    let begin = nm_tsc_begin()
    probe_mmio_write(UInt64(NM_TEST_DEVICE) + UInt64(offset), NM_DOORBELL_VALUE)
    return nm_tsc_end() &- begin
  }
}
