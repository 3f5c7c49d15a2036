import Synchronization

/// How a virtio function interrupts: by the vectors that its driver chose, or by its line and the status byte behind it
/// (virtio 1.2 §4.1.4.5, §4.1.5.3).
final class VirtioPCIInterrupts: VirtioInterrupts {
  /// The vector that means none.
  static let noVector: UInt32 = 0xffff

  private let signals: MessageSignals
  private let line: (any InterruptLine)?
  private let status = Atomic<UInt32>(0)
  private let configurationVector = Atomic<UInt32>(noVector)
  private let queueVectors: [VectorCell]

  private final class VectorCell: Sendable {
    let vector = Atomic<UInt32>(VirtioPCIInterrupts.noVector)
  }

  init(_ signals: MessageSignals, queues: Int, line: (any InterruptLine)?) {
    self.signals = signals
    self.line = line
    queueVectors = (0..<queues).map { _ in VectorCell() }
  }

  // MARK: any thread

  func buffersUsed(in queue: Int) {
    raise(queueVectors[queue].vector.load(ordering: .acquiring), bit: 1)
  }

  func event(for queue: Int) -> Int32? {
    let vector = queueVectors[queue].vector.load(ordering: .acquiring)
    return vector == Self.noVector ? nil : signals.event(Int(vector))
  }

  func configurationChanged() {
    raise(configurationVector.load(ordering: .acquiring), bit: 2)
  }

  private func raise(_ vector: UInt32, bit: UInt32) {
    if signals.isEnabled {
      if vector != Self.noVector { signals.signal(Int(vector)) }
    } else {
      status.bitwiseOr(bit, ordering: .sequentiallyConsistent)
      line?.pulse()
    }
  }

  // MARK: vCPU threads

  /// What a driver gets when it asks for a vector: that one, or none where there is no such vector.
  private func granted(_ vector: UInt16) -> UInt32 {
    Int(vector) < signals.count ? UInt32(vector) : Self.noVector
  }

  var configuration: UInt16 {
    get { UInt16(configurationVector.load(ordering: .acquiring)) }
    set { configurationVector.store(granted(newValue), ordering: .releasing) }
  }

  subscript(queue queue: Int) -> UInt16 {
    get {
      queueVectors.indices.contains(queue)
        ? UInt16(queueVectors[queue].vector.load(ordering: .acquiring)) : UInt16(Self.noVector)
    }
    set {
      guard queueVectors.indices.contains(queue) else { return }
      queueVectors[queue].vector.store(granted(newValue), ordering: .releasing)
    }
  }

  /// Reading the status clears it.
  func takeStatus() -> UInt32 { status.exchange(0, ordering: .sequentiallyConsistent) }

  func reset() {
    configurationVector.store(Self.noVector, ordering: .releasing)
    for cell in queueVectors { cell.vector.store(Self.noVector, ordering: .releasing) }
    _ = takeStatus()
  }
}
