import CLinux
import Foundation
import Kernels
import LinuxSystem
import ProbeABI
import Synchronization
import SystemPackage
import Testing

/// The far end of a QEMU network backend: a datagram socket that carries one frame a datagram, in a folder that goes with it.
@safe final class NetPeer: @unchecked Sendable {
  // @unchecked, @safe: the far end and its memory are the thread's alone; the rest is constant.

  private let folder: URL
  private let descriptor: Descriptor
  private let near: sockaddr_un
  private let memory: UnsafeMutableRawPointer
  private var farEnd: NetFarEnd
  private var thread: PinnedThread?
  private let stopping = StopFlag()
  private let isEnding = Atomic<Bool>(false)
  private let lost = Atomic<Int>(0)

  private final class StopFlag: Sendable {
    let event: EventCounter
    init() { event = try! EventCounter(nonBlocking: true) }
  }

  /// QEMU's words for the backend, with the identifier `net`.
  let words: [String]

  init() throws {
    folder = URL(filePath: NSTemporaryDirectory()).appending(path: "nm-\(UUID().uuidString.prefix(8))")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let (nearPath, farPath) = (folder.appending(path: "near").path, folder.appending(path: "far").path)
    words = [
      "-netdev",
      "dgram,id=net,local.type=unix,local.path=\(nearPath),remote.type=unix,remote.path=\(farPath)",
    ]
    near = Self.address(nearPath)
    let socket = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
    try #require(socket >= 0)
    descriptor = Descriptor(owning: socket)
    var far = Self.address(farPath)
    let size = socklen_t(MemoryLayout<sockaddr_un>.size)
    let bound = unsafe withUnsafePointer(to: &far) {
      unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe bind(socket, $0, size) }
    }
    try #require(bound == 0, "bind \(farPath): errno \(nm_errno())")
    unsafe memory = .allocate(byteCount: NetFarEnd.memorySize, alignment: 64)
    farEnd = unsafe NetFarEnd(memory: memory)
    thread = try PinnedThread(name: "peer") { [unowned self] in serve() }
  }

  private static func address(_ path: String) -> sockaddr_un {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { target in
      precondition(path.utf8.count < target.count, "the path of a socket is short")
      unsafe target.copyBytes(from: path.utf8)
    }
    return address
  }

  /// Serves until `end`: what arrives, and what is due for it.
  private func serve() {
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while stopping.event.take() == nil {
      var entry = pollfd(fd: descriptor.rawValue, events: Int16(POLLIN), revents: 0)
      _ = unsafe poll(&entry, 1, 20)
      while true {
        let count = unsafe recv(descriptor.rawValue, &buffer, buffer.count, Int32(MSG_DONTWAIT))
        guard count > 0 else { break }
        unsafe buffer.withUnsafeBytes { unsafe farEnd.take($0.baseAddress!, count: count) }
        send(&buffer)
      }
      send(&buffer)
    }
  }

  /// Sends what is due, as far as the socket has room; what finds none is tried again a little later.
  private func send(_ buffer: inout [UInt8]) {
    while let frame = unsafe buffer.withUnsafeMutableBytes({ unsafe farEnd.produce(into: $0) }) {
      let length = unsafe Int(frame.length)
      let deadline = MonotonicClock.now + Self.patience
      var isSent = send(buffer, length)
      while !isSent, MonotonicClock.now < deadline, !isEnding.load(ordering: .acquiring) {
        usleep(100)
        isSent = send(buffer, length)
      }
      if !isSent { lost.add(1, ordering: .relaxed) }
    }
  }

  /// Nanoseconds for which a frame waits for room in QEMU's socket: nearly as long as a guest waits for an answer, whose processor may not
  /// have its turn for long where much else runs.
  private static let patience: UInt64 = 4_000_000_000

  /// Frames that found none.
  var lostFrames: Int { lost.load(ordering: .relaxed) }

  private func send(_ buffer: [UInt8], _ count: Int) -> Bool {
    var target = near
    let size = socklen_t(MemoryLayout<sockaddr_un>.size)
    return unsafe withUnsafePointer(to: &target) {
      unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { target in
        unsafe sendto(descriptor.rawValue, buffer, count, Int32(MSG_DONTWAIT), target, size) == count
      }
    }
  }

  /// Ends the thread and removes the folder.
  func end() {
    isEnding.store(true, ordering: .releasing)
    stopping.event.signal()
    thread?.join()
    thread = nil
    try? FileManager.default.removeItem(at: folder)
  }

  deinit {
    end()
    unsafe memory.deallocate()
  }
}
