import GuestMemory

/// What a kernel is told (Multiboot 0.6.96 §3.3): the information structure, and behind it the list of modules, the memory map and the
/// strings that it leads to. Its size is known before its place is.
struct MultibootInformation {
  /// Bits of the first word: which of the other fields are there.
  private enum Flag {
    static let memory: UInt32 = 1 << 0
    static let commandLine: UInt32 = 1 << 2
    static let modules: UInt32 = 1 << 3
    static let memoryMap: UInt32 = 1 << 6
    static let loaderName: UInt32 = 1 << 9
  }

  private struct Module {
    var string: [UInt8]
    var range: Range<UInt64> = 0..<0
  }

  /// Of the structure with every field of version 0.6.96.
  private static let structureSize = 116
  private static let moduleSize = 16
  private static let mapEntrySize = 24

  private let map: [MemoryRange]
  private let loader: [UInt8]
  private let commandLine: [UInt8]
  private var modules: [Module] = []

  init(map: [MemoryRange], loader: String, commandLine: String) {
    self.map = map
    self.loader = Array(loader.utf8) + [0]
    self.commandLine = Array(commandLine.utf8) + [0]
  }

  mutating func addModule(_ string: String) { modules.append(Module(string: Array(string.utf8) + [0])) }

  /// - Parameter range: below 4 GiB.
  mutating func setModule(_ index: Int, _ range: Range<UInt64>) { modules[index].range = range }

  /// Bytes of all of it.
  var size: UInt64 {
    UInt64(
      Self.structureSize + modules.count * Self.moduleSize + map.count * Self.mapEntrySize + loader.count
        + commandLine.count + modules.reduce(0) { $0 + $1.string.count })
  }

  /// All of it.
  /// - Parameter start: where it will lie, with its end below 4 GiB.
  func bytes(at start: UInt32) -> [UInt8] {
    let moduleList = start + UInt32(Self.structureSize)
    let memoryMap = moduleList + UInt32(modules.count * Self.moduleSize)
    let mapSize = UInt32(map.count * Self.mapEntrySize)
    var strings = memoryMap + mapSize
    func place(_ string: [UInt8]) -> UInt32 {
      defer { strings += UInt32(string.count) }
      return strings
    }
    let (loaderPlace, linePlace) = (place(loader), place(commandLine))
    let flags = Flag.memory | Flag.commandLine | Flag.modules | Flag.memoryMap | Flag.loaderName
    var bytes = words(
      flags, lowerKilobytes, upperKilobytes, 0, linePlace, UInt32(modules.count), moduleList, 0, 0, 0, 0, mapSize,
      memoryMap, 0, 0, 0, loaderPlace)
    bytes += [UInt8](repeating: 0, count: Self.structureSize - bytes.count)
    for module in modules {
      bytes += words(UInt32(module.range.lowerBound), UInt32(module.range.upperBound), place(module.string), 0)
    }
    for range in map {
      // Its size does not count the field that has it.
      bytes += words(
        UInt32(Self.mapEntrySize - 4), low(range.start), high(range.start), low(range.count), high(range.count),
        range.kind.rawValue)
    }
    return bytes + loader + commandLine + modules.flatMap(\.string)
  }

  /// RAM from 0 on, at most 640 KiB.
  private var lowerKilobytes: UInt32 { kilobytes(from: 0, limit: 640) }
  /// RAM from 1 MiB on, up to the first hole.
  private var upperKilobytes: UInt32 { kilobytes(from: 1 << 20, limit: .max) }

  private func kilobytes(from start: UInt64, limit: UInt32) -> UInt32 {
    let range = map.first { $0.kind == .ram && $0.start <= start && start < $0.start + $0.count }
    return min(limit, range.map { UInt32(clamping: ($0.start + $0.count - start) >> 10) } ?? 0)
  }

  private func low(_ value: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: value) }
  private func high(_ value: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: value >> 32) }

  private func words(_ values: UInt32...) -> [UInt8] {
    values.flatMap { value in (0..<4).map { UInt8(truncatingIfNeeded: value >> UInt32(8 * $0)) } }
  }
}
