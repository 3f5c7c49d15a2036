import Glibc
import LinuxSystem
import Network
import SystemPackage
import Testing

@Suite(.serialized, .enabled(if: Wires.problem == nil, "\(Wires.problem ?? "")"))
struct AddressedWireTests {
  /// Interfaces of the calling thread's network.
  private static func interfaces() -> Set<String> {
    let lines = ((try? HostFiles().text("/proc/thread-self/net/dev")) ?? "").split(separator: "\n").dropFirst(2)
    return Set(lines.compactMap { $0.split(separator: ":").first.map { String($0).trimmed } })
  }

  @Test func aThreadIsAtTheFarEndForAsLongAsItWorksThere() throws {
    let before = Self.interfaces()
    let wire = try AddressedWire(hasMonitor: false)
    let inside = try wire.atFarEnd { Self.interfaces() }
    #expect(inside == ["far", "lo"] && Self.interfaces() == before)
    guard case .namespace(let near) = wire.nearEnd else {
      Issue.record("programs of the host have a namespace")
      return
    }
    #expect(try NetworkNamespace.within(near) { Self.interfaces() } == ["near", "lo"])
  }

  @Test func aThreadComesBackFromAFailureToo() throws {
    let before = Self.interfaces()
    let wire = try AddressedWire(hasMonitor: true)
    let error = #expect(throws: SystemError.self) {
      try wire.atFarEnd { () throws(SystemError) -> Int in throw SystemError("fail", .noMemory) }
    }
    #expect(error?.errno == .noMemory && Self.interfaces() == before)
    #expect(throws: SystemError.self) { try NetworkNamespace.within(-1) {} }
  }

  @Test func whatIsSentToTheNearAddressComesOutOfTheTAP() throws {
    let wire = try AddressedWire(hasMonitor: true)
    guard case .tap(let tap) = wire.nearEnd else {
      Issue.record("a monitor has a TAP")
      return
    }
    let socket = try wire.atFarEnd { Glibc.socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0) }
    defer { _ = close(socket) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(9).bigEndian
    #expect(unsafe inet_pton(AF_INET, AddressedWire.nearAddress, &address.sin_addr) == 1)
    let sent = unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe sendto(socket, "x", 1, 0, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    #expect(sent == 1)
    // First of all it asks who has that address: an ARP request, behind the header.
    var entry = pollfd(fd: tap, events: Int16(POLLIN), revents: 0)
    #expect(unsafe poll(&entry, 1, 10_000) == 1)
    var frame = [UInt8](repeating: 0, count: 2048)
    let count = unsafe read(tap, &frame, frame.count)
    #expect(count >= 52 && frame[22...23].elementsEqual([0x08, 0x06]) && frame[48...51].elementsEqual([10, 77, 0, 2]))
  }
}
