import LinuxSystem
import Testing

@testable import Topology

@Suite struct HostFilesTests {
  @Test func sortsNamesByTheirNumbers() throws {
    let host = RecordedHost(files: ["/a/cpu10/x": "", "/a/cpu2/x": "", "/a/cpu1/x": "", "/a/b": ""])
    #expect(try host.read { try $0.entries("/a") } == ["b", "cpu1", "cpu2", "cpu10"])
  }

  @Test func resolvesLinksWithoutLeavingTheRecordedTree() throws {
    let host = RecordedHost(links: ["/sys/class/net/eth0": "../../devices/pci/net/eth0"])
    #expect(try host.read { try $0.target(ofLink: "/sys/class/net/eth0") } == "/sys/devices/pci/net/eth0")
  }

  @Test func refusesAFileThatIsLongerThanAnyKernelInterface() throws {
    #expect(throws: Unavailable("/dev/zero: longer than \(HostFiles.longestFile) bytes")) {
      try HostFiles().bytes("/dev/zero")
    }
  }

  @Test func tellsWhichFileHeldNoNumber() throws {
    let host = RecordedHost(files: ["/n": "twelve\n"])
    #expect(throws: Unavailable("/n: \"twelve\" is no number")) { try host.read { try $0.integer("/n") } }
  }

  @Test(arguments: [(0, "0 B"), (1023, "1023 B"), (1536, "1.5 KiB"), (3 << 30, "3 GiB")] as [(UInt64, String)])
  func printsSizes(bytes: UInt64, text: String) {
    #expect(binarySize(bytes) == text)
  }
}
