/// Whom a virtio device interrupts: the processors that drive its queues, which is for queue i processor i modulo their number.
struct VirtioInterrupts {
  let vector: UInt32
  /// Drivers of queues; one of them is the processor that sets the device up, number 0.
  let processors: UInt16

  /// Those of a device whose queues one processor drives.
  init(vector: UInt32) {
    self.vector = vector
    processors = 1
  }

  /// Those of a disk: a vector that several processors may count is a little slower.
  init(diskOf processors: UInt16) {
    vector = processors > 1 ? Vector.shared : Vector.device
    self.processors = processors
  }

  /// Where a message goes that tells of a queue.
  func destination(of queue: UInt16) -> UInt32 {
    processors > 1 ? UInt32(queue % processors) : LocalAPIC.identifier
  }

  /// Where a line's interrupt goes: to the one processor, or to all.
  var destination: UInt32 { processors > 1 ? 0xff : LocalAPIC.identifier }
}
