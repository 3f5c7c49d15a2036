import CLinux
import Frames
import Kernels
import LinuxSystem
import ProbeABI
import SystemPackage
import Testing

@testable import Network

@Suite(.serialized) struct WireTests {
  private static let workloads = [
    "net.transmit", "net.receive size=1514", "net.bulk", "net.bulk direction=1", "net.bidirectional", "net.pingpong",
    "net.rate load=50",
  ]

  @Test(arguments: workloads)
  func theRingsOfTheInProcessWireLoseNothing(workload: String) throws {
    let wire = try RingWire(cpu: nil)
    let (result, reason) = unsafe NetMachine().run(workload, wire.device)
    #expect(reason == "")
    #expect(result.status == NM_STATUS_OK.rawValue)
    #expect(result.operations > 0)
    #expect(result.values.0 == 0 && result.values.1 == 0 && result.values.2 == 0)
  }

  @Test(arguments: Wires.available, workloads)
  func aLinkLosesNothing(kind: WireKind, workload: String) throws {
    let device = try LinkDevice(Wire.link(kind))
    for wait in ["", " wait=1"] {
      let (result, reason) = unsafe NetMachine().run(workload + wait, device.device)
      #expect(reason == "")
      #expect(result.status == NM_STATUS_OK.rawValue)
      #expect(result.operations > 0)
      #expect(result.values.0 == 0 && result.values.1 == 0 && result.values.2 == 0)
    }
  }

  @Test(arguments: Wires.available)
  func largeFramesCrossAWireWhole(kind: WireKind) throws {
    let link = try Wire.link(kind)
    try link.accept(link.receiveFeatures)
    #expect(link.transmitFeatures.contains([.checksum, .tcp4]))
    let device = try LinkDevice(link)
    let (result, reason) = unsafe NetMachine().run("net.bulk", device.device)
    #expect(reason == "")
    #expect(result.bytes == result.operations * 1460)
    #expect(result.operations % 44 == 0)
  }

  @Test(arguments: Wires.available)
  func whatTheReceiverDidNotAcceptIsNoFrameForIt(kind: WireKind) throws {
    // The workload claims that its device takes large frames; the link was told otherwise.
    let link = try Wire.link(kind)
    let device = try LinkDevice(link)
    try link.accept([])
    let (result, _) = unsafe NetMachine().run("net.bulk direction=1 deadline=50", device.device)
    // A TAP's kernel cuts and finishes what the reader cannot; the other wires drop it.
    #expect(kind == .tap || result.operations == 0 || result.values.0 > 0)
  }

  @Test(arguments: Wires.available)
  func anyBytesAreTakenAndAnswerNothing(kind: WireKind) throws {
    let link = try Wire.link(kind)
    try link.accept(link.receiveFeatures)
    var random = SystemRandomNumberGenerator()
    var frame = [UInt8](repeating: 0, count: FrameLimits.longest)
    for length in [14, 15, 59, 60, 61, 114, 1513, 1514, 9000, 65535] {
      for type in [[UInt8](), [0x88, 0xb5], [0x08, 0x00]] {
        for index in frame.indices where index < length { frame[index] = UInt8.random(in: 0...255, using: &random) }
        for (index, byte) in type.enumerated() { frame[12 + index] = byte }
        unsafe frame.withUnsafeMutableBytes { bytes in
          var piece = unsafe iovec(iov_base: bytes.baseAddress, iov_len: length)
          _ = unsafe withUnsafePointer(to: &piece) {
            unsafe link.transmit(UnsafeBufferPointer(start: $0, count: 1), FrameHeader())
          }
        }
      }
    }
    // Still a wire.
    let device = try LinkDevice(link)
    let (result, reason) = unsafe NetMachine().run("net.pingpong", device.device)
    #expect(reason == "")
    #expect(result.operations > 0)
  }

  @Test func framesInManyPiecesAreGatheredAndScattered() throws {
    let link = try InProcessLink()
    try link.accept([])
    // A ping of 200 bytes, its stream begun before, both sent in pieces of 7 bytes and received in pieces of 11.
    let pieces = PiecedLink(link)
    let device = try LinkDevice(pieces)
    let (result, reason) = unsafe NetMachine().run("net.pingpong size=200", device.device)
    #expect(reason == "")
    #expect(result.operations > 0)
    #expect(pieces.most > 20)
  }

  @Test(.enabled(if: Wires.problem == nil, "wires through the kernel"))
  func aFarEndWithAThreadOfItsOwnServesATAPOfAnotherProgram() throws {
    let wire = try TAPWire(cpu: nil)
    let near = try ForeignTAP(wire.descriptor)
    let device = try LinkDevice(near)
    let (result, reason) = unsafe NetMachine().run("net.pingpong wait=1", device.device)
    #expect(reason == "")
    #expect(result.operations > 0)
  }

  @Test(.enabled(if: Wires.problem == nil, "wires through the kernel"))
  func noInterfaceIsEverInThisProcessesNamespace() throws {
    let before = interfaces()
    let links = try [Wire.link(.tap), Wire.link(.packet)]
    #expect(interfaces() == before)
    withExtendedLifetime(links) {}
  }

  /// Names of the interfaces in this thread's namespace.
  private func interfaces() -> [String] {
    guard let file = try? Descriptor.open("/proc/thread-self/net/dev", O_RDONLY) else { return [] }
    var bytes = [UInt8](repeating: 0, count: 65536)
    let count = unsafe bytes.withUnsafeMutableBytes { unsafe read(file.rawValue, $0.baseAddress, $0.count) }
    return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self).split(separator: "\n").dropFirst(2).map {
      String($0.split(separator: ":")[0])
    }
  }
}
