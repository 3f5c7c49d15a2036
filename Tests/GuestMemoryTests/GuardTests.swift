import CLinux
import GuestMemory
import LinuxSystem
import Testing

/// Nothing is mapped right before and behind a guest's RAM, whatever pages it has.
@Suite struct GuardTests {
  /// One line of `/proc/self/maps`.
  private struct Area {
    let range: Range<UInt>
    let permissions: String
  }

  private func areas() throws -> [Area] {
    let file = try Descriptor.open("/proc/self/maps", O_RDONLY)
    var text: [UInt8] = []
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = unsafe bytes.withUnsafeMutableBytes { unsafe read(file.rawValue, $0.baseAddress, $0.count) }
      guard count > 0 else { break }
      text += bytes.prefix(count)
    }
    return String(decoding: text, as: UTF8.self).split(separator: "\n").compactMap { line in
      let fields = line.split(separator: " ")
      let ends = fields[0].split(separator: "-").compactMap { UInt($0, radix: 16) }
      return ends.count == 2 ? Area(range: ends[0]..<ends[1], permissions: String(fields[1])) : nil
    }
  }

  /// Whether a whole huge page can be had.
  private static let hasReservedPages = (try? Mapping.anonymous(count: 4 << 20, pages: .reserved)) != nil

  private static let kinds: [(size: UInt64, isShared: Bool)] = [
    (4 << 20, false), (5 << 30, false), (4 << 20, true), (5 << 30, true),
  ]

  @Test(arguments: MemoryPages.allCases, kinds)
  func bothSidesOfRAMFault(pages: MemoryPages, kind: (size: UInt64, isShared: Bool)) throws {
    let size = kind.size
    if pages == .reserved {
      guard Self.hasReservedPages, size == 4 << 20 else { return }
    }
    let memory = try GuestMemory(size: size, pages: pages, isShared: kind.isShared)
    let start = memory.hostRanges[0].lowerBound
    let end = memory.hostRanges.last!.upperBound
    #expect(start % (2 << 20) == 0, "huge pages need it")
    let areas = try areas()
    let before = try #require(areas.first { $0.range.contains(start - 1) })
    let behind = try #require(areas.first { $0.range.contains(end) })
    #expect(before.permissions == "---p" && behind.permissions == "---p")
    // Longer than anything that a device copies at once.
    #expect(start - before.range.lowerBound >= 128 << 10 && behind.range.upperBound - end >= 128 << 10)
    let inside = areas.filter { $0.range.overlaps(start..<end) }
    #expect(inside.allSatisfy { $0.permissions == (kind.isShared ? "rw-s" : "rw-p") })
  }
}
