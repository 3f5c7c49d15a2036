/// What a VHDX says of itself (Microsoft, VHDX Format Specification 1.0, MS-VHDX §2.2 to §2.6). Numbers are little-endian.
struct VHDXMetadata {
  static let signature = Array("vhdxfile".utf8)

  /// Where the table of blocks (BAT) is.
  var tableOffset: UInt64
  /// Bytes of the disk, of a block, and of a logical sector.
  var size: UInt64
  var blockSize: UInt64
  var sectorSize: UInt64

  /// Blocks after each of which the table has an entry for a bitmap (§2.5).
  var chunk: UInt64 { (sectorSize << 23) / blockSize }

  private static let headers: [UInt64] = [64 << 10, 128 << 10]
  private static let regions: [UInt64] = [192 << 10, 256 << 10]
  private static let regionSize = 64 << 10
  /// Entries of a table of regions or of metadata at most.
  private static let mostEntries = 2047

  /// Known regions and items by their identifiers as they are written.
  private enum Identifier {
    static let table = bytes("6677C22D23F600429D64115E9BFD4A08")
    static let metadata = bytes("06A27C8B90479A4BB8FE575F050F886E")
    static let parameters = bytes("3767A1CA36FA434DB3B633F0AA44E76B")
    static let size = bytes("2442A52F1BCD7648B2115DBED83BF4B8")
    static let sectorSize = bytes("1DBF41816FA90947BA47F233A8FAAB5F")
    /// An identifier of the disk, the physical sector's size, and where the parent is: they change nothing about where bytes are.
    static let harmless = [
      bytes("AB12CABEE6B2234593EFC309E000C746"), bytes("C748A3CD5D4471449CC9E9885251C556"),
      bytes("2D5FD3A80BB34D45ABF7D3D84834AB0C"),
    ]

    private static func bytes(_ text: String) -> [UInt8] {
      let digits = text.compactMap(\.hexDigitValue)
      return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }
  }

  init(_ file: ImageFile) throws(ImageError) {
    try Self.refuseLog(file)
    var regions: [[UInt8]: Range<UInt64>] = [:]
    for (identifier, range, isRequired) in try Self.regions(file) {
      if isRequired, identifier != Identifier.table, identifier != Identifier.metadata {
        throw ImageError(.unsupported, file.path, "it has a region that is not known and must be")
      }
      regions[identifier] = range
    }
    guard let table = regions[Identifier.table], let metadata = regions[Identifier.metadata] else {
      throw ImageError(.malformed, file.path, "it has no table of blocks, or no metadata")
    }
    let items = try Self.items(file, metadata)
    func item(_ identifier: [UInt8], _ count: Int, _ name: String) throws(ImageError) -> [UInt8] {
      guard let bytes = items[identifier], bytes.count >= count else {
        throw ImageError(.malformed, file.path, "it does not say its \(name)")
      }
      return bytes
    }
    let parameters = try item(Identifier.parameters, 8, "block size")
    guard parameters.little(UInt32.self, at: 4) & 2 == 0 else {
      throw ImageError(.unsupported, file.path, "it is a difference to a parent, which is not supported in a VHDX")
    }
    tableOffset = table.lowerBound
    blockSize = UInt64(parameters.little(UInt32.self, at: 0))
    size = try item(Identifier.size, 8, "size").little(at: 0)
    sectorSize = UInt64(try item(Identifier.sectorSize, 4, "sector size").little(UInt32.self, at: 0))
    try hold(file, tableSize: UInt64(table.count))
  }

  private func hold(_ file: ImageFile, tableSize: UInt64) throws(ImageError) {
    func malformed(_ reason: String) -> ImageError { ImageError(.malformed, file.path, reason) }
    guard blockSize.isPowerOfTwo, (1 << 20...256 << 20).contains(blockSize) else {
      throw malformed("blocks of \(blockSize) bytes; expected a power of two from 1 MiB to 256 MiB")
    }
    guard sectorSize == 512 || sectorSize == 4096 else { throw malformed("sectors of \(sectorSize) bytes") }
    guard size <= 64 << 40, size & (sectorSize - 1) == 0 else { throw malformed("a disk of \(size) bytes") }
    let blocks = size.divided(roundingUp: blockSize)
    guard blocks == 0 || (blocks + (blocks - 1) / chunk) * 8 <= tableSize else {
      throw malformed("a table of \(tableSize) bytes for \(blocks) blocks")
    }
  }

  /// A log that is not empty has what belongs elsewhere in the file (§2.3).
  private static func refuseLog(_ file: ImageFile) throws(ImageError) {
    var newest: (number: UInt64, hasLog: Bool)?
    for offset in headers {
      let bytes = try file.bytes(4096, at: offset)
      guard bytes.starts(with: Array("head".utf8)), CRC32C.sum(bytes, without: 4) == bytes.little(UInt32.self, at: 4)
      else { continue }
      guard bytes.little(UInt16.self, at: 66) == 1 else {
        throw ImageError(
          .unsupported, file.path, "version \(bytes.little(UInt16.self, at: 66)) of VHDX is not supported")
      }
      let number: UInt64 = bytes.little(at: 8)
      if number >= newest?.number ?? 0 { newest = (number, bytes[48..<64].contains { $0 != 0 }) }
    }
    guard let newest else { throw ImageError(.malformed, file.path, "both of its headers are broken") }
    guard !newest.hasLog else {
      throw ImageError(
        .unsupported, file.path,
        "it was not closed in order, and its log is not replayed here; qemu-img check -r all does that")
    }
  }

  private static func regions(
    _ file: ImageFile
  ) throws(ImageError) -> [(identifier: [UInt8], range: Range<UInt64>, isRequired: Bool)] {
    for offset in regions {
      let bytes = try file.bytes(regionSize, at: offset)
      guard bytes.starts(with: Array("regi".utf8)), CRC32C.sum(bytes, without: 4) == bytes.little(UInt32.self, at: 4)
      else { continue }
      let count = Int(bytes.little(UInt32.self, at: 8))
      guard count <= mostEntries else { break }
      var found: [(identifier: [UInt8], range: Range<UInt64>, isRequired: Bool)] = []
      for place in (0..<count).map({ 16 + 32 * $0 }) {
        let (start, length) = (
          bytes.little(UInt64.self, at: place + 16), UInt64(bytes.little(UInt32.self, at: place + 24))
        )
        guard start >= 1 << 20, start < file.size, length <= file.size - start else {
          throw ImageError(.malformed, file.path, "a region at \(start) of \(length) bytes, past the file's end")
        }
        found.append((Array(bytes[place..<(place + 16)]), start..<(start + length), bytes[place + 28] & 1 != 0))
      }
      return found
    }
    throw ImageError(.malformed, file.path, "both of its tables of regions are broken")
  }

  /// Items of metadata, the first bytes of each.
  private static func items(_ file: ImageFile, _ region: Range<UInt64>) throws(ImageError) -> [[UInt8]: [UInt8]] {
    let bytes = try file.bytes(regionSize, at: region.lowerBound)
    let count = Int(bytes.little(UInt16.self, at: 10))
    guard bytes.starts(with: Array("metadata".utf8)), count <= mostEntries else {
      throw ImageError(.malformed, file.path, "its metadata begin otherwise")
    }
    var items: [[UInt8]: [UInt8]] = [:]
    for place in (0..<count).map({ 32 + 32 * $0 }) {
      let identifier = Array(bytes[place..<(place + 16)])
      let known = [Identifier.parameters, Identifier.size, Identifier.sectorSize]
      guard known.contains(identifier) else {
        if bytes[place + 24] & 4 != 0, !Identifier.harmless.contains(identifier) {
          throw ImageError(.unsupported, file.path, "it has metadata that are not known and must be")
        }
        continue
      }
      let (start, length) = (
        UInt64(bytes.little(UInt32.self, at: place + 16)), bytes.little(UInt32.self, at: place + 20)
      )
      guard start >= UInt64(regionSize), start + UInt64(length) <= UInt64(region.count) else {
        throw ImageError(.malformed, file.path, "metadata at \(start), outside their region")
      }
      items[identifier] = try file.bytes(Int(min(length, 8)), at: region.lowerBound + start)
    }
    return items
  }
}
