import LinuxSystem

/// The areas of a process's address space, and what the kernel counts in each: `/proc/PID/smaps` (proc_pid_smaps(5)).
public enum MemoryAreas {
  /// A number that the kernel gives for an area, under the name that stands in front of it.
  public enum Field: String, CaseIterable, Sendable {
    case resident = "Rss"
    case proportional = "Pss"
    case transparentHuge = "AnonHugePages"
    case sharedTransparentHuge = "ShmemPmdMapped"
    case privateReservedHuge = "Private_Hugetlb"
    case sharedReservedHuge = "Shared_Hugetlb"
    case pageSize = "KernelPageSize"
  }

  /// Reads the numbers of some areas. The kernel walks the whole address space for it: not for measured windows.
  /// A process has hundreds of areas of two dozen lines: those that nobody asks for are passed over as bytes.
  /// - Parameters:
  ///   - process: 0 for this one.
  ///   - files: where `/proc` is read.
  ///   - isWanted: told an area's addresses; an area that the kernel merged with a neighbour is one area.
  ///   - body: told each field of the areas that are wanted, in bytes.
  public static func read(
    process: Int32 = 0, files: HostFiles, where isWanted: (Range<UInt>) -> Bool, body: (Field, UInt64) -> Void
  ) throws(Unavailable) {
    let bytes = try files.bytes("/proc/\(process == 0 ? "self" : "\(process)")/smaps")
    let fields = Field.allCases.map { (field: $0, head: Array("\($0.rawValue):".utf8)) }
    var counts = false
    var rest = bytes[...]
    while !rest.isEmpty {
      let line = rest.prefix { $0 != UInt8(ascii: "\n") }
      rest = rest.dropFirst(line.count + 1)
      if let area = addresses(line) {
        counts = isWanted(area)
      } else if counts, let (field, head) = fields.first(where: { line.starts(with: $0.head) }) {
        if let number = kibibytes(line.dropFirst(head.count)) { body(field, number << 10) }
      }
    }
  }

  /// The addresses at the head of an area's entry: `7f00…-7f01… rw-p …`. Names of numbers begin with a capital letter.
  private static func addresses(_ line: ArraySlice<UInt8>) -> Range<UInt>? {
    guard let first = line.first, !(UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(first) else { return nil }
    let bounds = line.prefix { $0 != UInt8(ascii: " ") }.split(separator: UInt8(ascii: "-"))
    guard bounds.count == 2, let start = UInt(text(bounds[0]), radix: 16), let end = UInt(text(bounds[1]), radix: 16),
      start < end
    else { return nil }
    return start..<end
  }

  /// The number of `   1234 kB`; nil for what is none, or more than an address space holds.
  private static func kibibytes(_ line: ArraySlice<UInt8>) -> UInt64? {
    let digits = line.drop { $0 == UInt8(ascii: " ") }.prefix { $0 != UInt8(ascii: " ") }
    guard let number = UInt64(text(digits)), number < 1 << 53 else { return nil }
    return number
  }

  private static func text(_ bytes: ArraySlice<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }
}
