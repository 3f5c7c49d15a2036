import LinuxSystem
import Testing

@testable import Topology

/// Memory policy against the kernel that the tests run on; where it forbids that (a container's seccomp filter), aloud.
@Suite struct NodeMemoryTests {
  static let size = 4 << 20
  static let nodes = ((try? NUMANode.all()) ?? []).filter { $0.memory > 0 }.map(\.id)
  static let mayBind: Bool = {
    guard let node = nodes.first, let memory = try? Mapping.anonymous(count: size) else { return false }
    return (try? NodeMemory.bind(range(memory), to: node)) != nil
  }()

  private static func range(_ memory: borrowing Mapping) -> Range<UInt> {
    let start = UInt(bitPattern: unsafe memory.base)
    return start..<start + UInt(memory.count)
  }

  private func touch(_ memory: borrowing Mapping, bytes: Int) {
    for offset in stride(from: 0, to: bytes, by: 4096) {
      unsafe memory.base.storeBytes(of: 1, toByteOffset: offset, as: UInt8.self)
    }
  }

  @Test(.enabled(if: mayBind, "this process may not bind memory"), arguments: nodes)
  func memoryIsWhereItWasBound(node: Int) throws {
    let memory = try Mapping.anonymous(count: Self.size, alignment: 2 << 20, pages: .small)
    #expect(try NodeMemory.binding(at: Self.range(memory).lowerBound) == nil)
    #expect(try NodeMemory.census([Self.range(memory)]).isEmpty)

    try NodeMemory.bind(Self.range(memory), to: node)
    touch(memory, bytes: Self.size / 2)

    #expect(try NodeMemory.binding(at: Self.range(memory).lowerBound) == node)
    #expect(try NodeMemory.census([Self.range(memory)]) == [node: Self.size / 2 / 4096])
    #expect(try NodeMemory.census([Self.range(memory)], samples: 64) == [node: 32])
  }

  @Test(.enabled(if: mayBind, "this process may not bind memory"), arguments: [-1, 900, 1022, 1023, 1024, .max])
  func aNodeThatIsNotThereIsAnError(node: Int) throws {
    let memory = try Mapping.anonymous(count: Self.size)
    #expect(throws: SystemError.self) { try NodeMemory.bind(Self.range(memory), to: node) }
  }

  @Test(.enabled(if: mayBind, "this process may not bind memory"))
  func aPreferenceEnds() throws {
    let node = try #require(Self.nodes.last)
    let preference = NodePreference(node)
    let memory = try Mapping.anonymous(count: Self.size, pages: .small)
    touch(memory, bytes: Self.size)
    preference.end()
    #expect(try NodeMemory.census([Self.range(memory)]).keys.contains(node))
    #expect(try NodeMemory.binding(at: Self.range(memory).lowerBound) == nil)
  }

  @Test func smallPagesAreSmallWhateverTheKernelPrefers() throws {
    let memory = try Mapping.anonymous(count: Self.size, alignment: 2 << 20, pages: .small)
    touch(memory, bytes: Self.size)
    let use = try PageUse(of: [Self.range(memory)])
    #expect(use.resident >= UInt64(Self.size) && use.huge == 0)
    #expect(use.pageSizes == 4096...4096)
  }

  @Test(
    .enabled(
      if: (try? HostFiles().text("/sys/kernel/mm/transparent_hugepage/enabled"))?.contains("[never]") == false,
      "the kernel has no transparent huge pages, or is set never to use them"))
  func transparentHugePagesShow() throws {
    let memory = try Mapping.anonymous(count: 16 << 20, alignment: 2 << 20, pages: .transparent)
    touch(memory, bytes: 16 << 20)
    #expect(try PageUse(of: [Self.range(memory)]).transparent >= 2 << 20)
  }

  @Test func tooManyReservedPagesAreAnErrorThatSaysHowMany() throws {
    let free = (try? HostFiles().integer("/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages")) ?? 0
    let error = #expect(throws: SystemError.self) {
      _ = try Mapping.anonymous(count: (free + 1) << 21, pages: .reserved)
    }
    #expect(error?.description.contains("vm.nr_hugepages=\(free + 1)") == true)
  }

  @Test(
    arguments: [
      ("7f00-8f00 rw-p 0 00:00 0\nRss: 8 kB\nAnonHugePages: 4 kB\nKernelPageSize: 4 kB\n", 8192, 4096, 4096),
      (
        "7f00-8f00 rw-p 0 00:00 0\nRss: 0 kB\nPrivate_Hugetlb: 2048 kB\nKernelPageSize: 2048 kB\n", 2 << 20, 2 << 20,
        2 << 20
      ),
      ("9f00-af00 rw-p 0 00:00 0\nRss: 8 kB\nAnonHugePages: 4 kB\n", 0, 0, 0),
      ("garbage\nRss: 8 kB\n7f00-8f00\nRss: x kB\nRss:\nRss: 18446744073709551615 kB\n", 0, 0, 0),
    ] as [(String, UInt64, UInt64, UInt64)])
  func readsTheKernelsAccount(text: String, resident: UInt64, huge: UInt64, page: UInt64) throws {
    var host = RecordedHost()
    host.files["/proc/self/smaps"] = text
    let use = try host.read { try PageUse(of: [0x8000..<0x9000], files: $0) }
    #expect((use.resident, use.huge, use.pageSizes?.upperBound ?? 0) == (resident, huge, page))
  }

  @Test func theDiskOfAPathHasANodeOrAReason() throws {
    do throws(Unavailable) {
      let node = try DeviceNode.disk(of: "/var/tmp")
      #expect(Self.nodes.contains(node))
    } catch { #expect(!error.reason.isEmpty) }
    #expect(throws: Unavailable.self) { try DeviceNode.disk(of: "/proc/self") }
    #expect(throws: Unavailable.self) { try DeviceNode.disk(of: "/no/such/path") }
  }

  @Test func aDevicesNodeIsThatOfTheNearestOneThatTells() throws {
    try RecordedHost.intelTwoSockets.read { files in
      let disk = try files.target(ofLink: "/sys/class/block/nvme0n1")
      #expect(try DeviceNode.node(of: disk, files: files) == 1)
      #expect(throws: Unavailable.self) { try DeviceNode.node(of: "/sys/devices/pci0000:99/x", files: files) }
    }
  }
}
