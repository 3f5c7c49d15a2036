/// Writes a stream-optimized VMDK from its beginning to its end: compressed grains, each table behind the grains that it names, the
/// directory at the end, and a footer that says where it is.
final class StreamOptimizedWriter {
  private let file: ImageFile
  private var header: SparseHeader
  /// Where the next thing goes.
  private var end: UInt64
  private var directory: [UInt32]
  private var table: [UInt32]
  private var tableNumber = 0
  static let grainSize = 64 << 10

  init(_ file: ImageFile, name: String, size: UInt64, adapter: String, hardware: String) throws(ImageError) {
    self.file = file
    let sectors = size / 512
    var header = SparseHeader(
      flags: SparseHeader.Flag.newlines | SparseHeader.Flag.compressed | SparseHeader.Flag.markers, capacity: sectors)
    header.version = 3
    header.descriptorOffset = 1
    header.descriptorSize = 20
    header.overhead = 128
    header.directoryOffset = SparseHeader.atEnd
    let descriptor = VMDKDescriptor(
      createType: "streamOptimized",
      extents: [VMDKDescriptor.Extent(isWritable: true, size: sectors, kind: .sparse, name: name)], sectors: sectors,
      adapter: adapter, hardware: hardware, identifier: UInt32.random(in: 1..<0xFFFF_FFFE), parent: nil)
    guard descriptor.encoded.count < 20 * 512, header.tables * 4 <= 32 << 20 else {
      throw ImageError(.refused, file.path, "a disk of \(size) bytes is larger than can be, or the name is too long")
    }
    self.header = header
    directory = Array(repeating: 0, count: Int(header.tables))
    table = Array(repeating: 0, count: Int(header.entriesPerTable))
    end = header.overhead * 512
    try file.write(header.encoded(), at: 0)
    try file.write(descriptor.encoded, at: 512)
  }

  /// Adds a grain behind all others.
  /// - Parameter folded: its content, compressed in zlib's wrapping.
  func append(_ folded: [UInt8], grain: UInt64) throws(ImageError) {
    let number = Int(grain) / table.count
    if number != tableNumber {
      try finishTable()
      tableNumber = number
    }
    guard end / 512 <= UInt64(UInt32.max) else {
      throw ImageError.tooLarge(file.path, "it would become larger than a sparse extent can be")
    }
    table[Int(grain) % table.count] = UInt32(end / 512)
    try add(StreamMarker.grain(folded, at: grain * header.grainSize))
  }

  private func add(_ bytes: [UInt8]) throws(ImageError) {
    try file.write(bytes, at: end)
    end += UInt64(bytes.count)
  }

  private func finishTable() throws(ImageError) {
    guard table.contains(where: { $0 != 0 }) else { return }
    try add(StreamMarker.sector(.table, sectors: UInt64(table.count * 4 / 512)))
    directory[tableNumber] = UInt32(end / 512)
    try add(words(table))
    table = Array(repeating: 0, count: table.count)
  }

  private func words(_ words: [UInt32]) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: (words.count * 4 + 511) & ~511)
    for (index, word) in words.enumerated() { bytes.store(little: word, at: index * 4) }
    return bytes
  }

  /// Writes what is left. Blocks until the disk has it.
  func finish() throws(ImageError) {
    try finishTable()
    let sectors = words(directory)
    try add(StreamMarker.sector(.directory, sectors: UInt64(sectors.count / 512)))
    header.directoryOffset = end / 512
    try add(sectors)
    try add(StreamMarker.sector(.footer, sectors: 1))
    try add(header.encoded())
    try add(StreamMarker.sector(.end, sectors: 0))
  }
}
