import CLinux
import Devices
import GuestMemory

/// One buffer as a driver describes it.
struct TestBuffer {
  var address: UInt64
  var count: UInt32
  var writable = false
}

/// The driver's side of a virtqueue, over real guest memory: an independent reading of virtio 1.2 §2.7 and §2.8.
protocol TestRing: AnyObject {
  var layout: VirtqueueLayout { get }
  /// Elements that are free.
  var room: Int { get }
  /// Adds a chain and returns its identity. The device sees it with `publish`.
  func add(_ buffers: [TestBuffer], indirectAt table: UInt64?) -> UInt16
  func publish()
  /// Whether the device wants a doorbell for what was published since the last call.
  func wantsDoorbell() -> Bool
  /// The next used buffer, if the device gave one back.
  func take() -> (id: UInt16, written: UInt32)?
  /// Tells the device whether to interrupt; with event indices for the `after`-th used buffer from now, 1 being the next.
  func wantInterrupt(_ wanted: Bool, after count: UInt16)
}

extension TestRing {
  func add(_ buffers: [TestBuffer]) -> UInt16 { add(buffers, indirectAt: nil) }
}

extension GuestMemory {
  func put<T: FixedWidthInteger & BitwiseCopyable>(_ value: T, _ address: UInt64) {
    try! store(value, at: GuestAddress(address))
  }
  func get<T: FixedWidthInteger & BitwiseCopyable>(_ address: UInt64, as type: T.Type = T.self) -> T {
    try! load(GuestAddress(address), as: type)
  }
  func hostAddress(_ address: UInt64) -> UInt {
    UInt(bitPattern: unsafe bytes(address, 1).baseAddress)
  }
  func bytes(_ address: UInt64, _ count: Int) -> UnsafeMutableRawBufferPointer {
    unsafe host(GuestAddress(address), count: UInt64(count))!
  }
}
