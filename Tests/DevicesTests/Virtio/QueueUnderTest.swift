@testable import Devices

/// A kind of ring and whether event indices were negotiated.
struct Shape: CustomStringConvertible, Sendable {
  enum Kind: String, Sendable { case split, packed }
  var kind: Kind
  var eventIndex: Bool
  var description: String { kind.rawValue + (eventIndex ? " with event indices" : "") }
}

/// What a device got from a chain, by value.
struct TakenChain: Equatable {
  var id: UInt16
  var elements: UInt16
  var readable: [UInt32]
  var writable: [UInt32]
  var addresses: [UInt]
}

/// Either kind of ring, as one type that tests can use.
protocol QueueUnderTest: AnyObject {
  func pop() throws -> TakenChain?
  func push(_ chain: TakenChain, written: UInt32)
  func publish()
  func wantsInterrupt() -> Bool
  func disableDoorbell()
  func enableDoorbell() -> Bool
}

final class QueueBox<Queue: DeviceQueue & ~Copyable>: QueueUnderTest {
  private var queue: Queue
  private var chain: DescriptorChain

  init(_ queue: consuming Queue, size: UInt16) {
    self.queue = queue
    chain = DescriptorChain(capacity: Int(size))
  }

  func pop() throws -> TakenChain? {
    guard try queue.pop(&chain) else { return nil }
    var taken = TakenChain(id: chain.id, elements: chain.elements, readable: [], writable: [], addresses: [])
    for index in 0..<chain.count {
      let segment = chain[index]
      if index < chain.readableCount {
        taken.readable.append(segment.count)
      } else {
        taken.writable.append(segment.count)
      }
      taken.addresses.append(UInt(bitPattern: unsafe segment.host))
    }
    return taken
  }

  func push(_ chain: TakenChain, written: UInt32) {
    queue.push(id: chain.id, elements: chain.elements, written: written)
  }
  func publish() { queue.publish() }
  func wantsInterrupt() -> Bool { queue.wantsInterrupt() }
  func disableDoorbell() { queue.disableDoorbell() }
  func enableDoorbell() -> Bool { queue.enableDoorbell() }
}
