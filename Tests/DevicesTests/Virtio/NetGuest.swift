import CLinux
import Devices
import Frames
import GuestMemory
import Testing

/// A driver for virtio-net.
final class NetGuest: TestDriver {
  let device: VirtioNet

  init(_ transport: String = "mmio", _ link: any FrameLink, options: NetOptions = NetOptions(queueSize: 32)) throws {
    let memory = try GuestMemory(size: 8 << 20, hugePages: false)
    device = try VirtioNet(memory: memory, link: link, options: options)
    super.init(
      memory, transport == "pci" ? try TestPCIAccess(device) as any TestAccess : try TestMMIOAccess(device))
  }

  static let receive = 0
  static let transmit = 1
  static let control = 2
  /// Where frames and commands lie.
  static let headers: UInt64 = 0x40_0000
  static let buffers: UInt64 = 0x50_0000
  private var nextHeader = headers

  /// Memory for a header or a command, written.
  func place(_ bytes: [UInt8]) -> UInt64 {
    let address = nextHeader
    nextHeader += UInt64((bytes.count + 15) & ~15)
    if nextHeader > Self.headers + 0xf0000 { nextHeader = Self.headers }
    unsafe memory.bytes(address, bytes.count).copyBytes(from: bytes)
    return address
  }

  static func bytes(_ header: FrameHeader, buffers: UInt16 = 0) -> [UInt8] {
    let words = [
      header.headerLength, header.segmentSize, header.checksumStart, header.checksumOffset, buffers,
    ]
    return [header.flags, header.segmentation]
      + words.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] }
  }

  /// Adds a frame in as many pieces as asked for.
  @discardableResult
  func addFrame(
    _ frame: [UInt8], _ header: FrameHeader = FrameHeader(), pieces: Int = 1, queue: Int = transmit,
    indirect: Bool = false
  ) -> UInt16 {
    var list = [TestBuffer(address: place(Self.bytes(header)), count: 12)]
    let address = Self.buffers + 0x10_0000
    unsafe memory.bytes(address, frame.count).copyBytes(from: frame)
    let size = max(1, frame.count / pieces)
    var done = 0
    while done < frame.count {
      let count = list.count == pieces ? frame.count - done : min(size, frame.count - done)
      list.append(TestBuffer(address: address + UInt64(done), count: UInt32(count)))
      done += count
    }
    let table = indirect ? place([UInt8](repeating: 0, count: 16 * list.count)) : nil
    return rings[queue].add(list, indirectAt: table)
  }

  /// Gives the device a receive buffer.
  @discardableResult
  func addBuffer(_ pieces: [UInt32], at address: UInt64, queue: Int = receive) -> UInt16 {
    var at = address
    let list = pieces.map { count in
      defer { at += UInt64(count) }
      return TestBuffer(address: at, count: count, writable: true)
    }
    return rings[queue].add(list)
  }

  /// Sends one frame and waits until the device has given it back.
  func send(_ frame: [UInt8], _ header: FrameHeader = FrameHeader(), pieces: Int = 1, indirect: Bool = false) throws {
    let id = addFrame(frame, header, pieces: pieces, indirect: indirect)
    kick(Self.transmit)
    let used = try #require(wait(Self.transmit), "the device answers")
    try #require(used.id == id && used.written == 0)
  }

  /// Runs a control command and returns its answer.
  func command(_ type: UInt8, _ command: UInt8, _ data: [UInt8], queue: Int = control) throws -> UInt8 {
    let address = place([type, command] + data + [0xee])
    let count = UInt32(2 + data.count)
    _ = rings[queue].add([
      TestBuffer(address: address, count: count),
      TestBuffer(address: address + UInt64(count), count: 1, writable: true),
    ])
    kick(queue)
    _ = try #require(wait(queue), "the device answers")
    return memory.get(address + UInt64(count))
  }

  func read(_ address: UInt64, _ count: Int) -> [UInt8] { unsafe Array(memory.bytes(address, count)) }

  /// A frame to the device with bytes that a number determines.
  static func frame(_ count: Int, seed: UInt8 = 1, to address: EthernetAddress? = nil) -> [UInt8] {
    let target = address ?? NetOptions().address
    let header = target.bytes + [2, 0, 0, 0, 0, 9, 0x88, 0xb5]
    return header + (0..<max(0, count - 14)).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ Int(seed)) }
  }
}
