/// The interrupt status byte: reading clears it (virtio 1.2 §4.1.4.5).
final class VirtioPCIInterruptStatus: BusDevice {
  private let interrupts: VirtioPCIInterrupts

  init(_ interrupts: VirtioPCIInterrupts) { self.interrupts = interrupts }

  func read(_ offset: UInt64, width: AccessWidth) -> UInt64 { offset == 0 ? UInt64(interrupts.takeStatus()) : 0 }
  func write(_ offset: UInt64, width: AccessWidth, value: UInt64) {}
}
