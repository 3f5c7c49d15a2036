import LinuxSystem

/// How often each cluster of a qcow2 file is referred to (QEMU docs/interop/qcow2, "Host cluster management"), and which clusters
/// are free.
///
/// A count is raised in memory before anything refers to a cluster, and lowered after nothing does any more; who flushes keeps to
/// that order on disk.
final class QCOW2Refcounts {
  private let file: ImageFile
  private let clusterBits: Int
  private let order: Int
  /// Offsets of refcount blocks, 0 where there is none.
  private(set) var table: [UInt64] = []
  private(set) var tableOffset: UInt64
  private(set) var tableClusters: Int
  private let blocks: TableCache<UInt8>
  /// The cluster that is tried next.
  private var next: UInt64
  /// Clusters that became free since the image was opened; what they hold is not zero.
  private var free: [UInt64] = []
  /// While the table itself moves its entries are only in memory.
  private var isMoving = false

  private var clusterSize: UInt64 { 1 << UInt64(clusterBits) }
  /// Counts in a block, as a power of two.
  private var blockBits: Int { clusterBits + 3 - order }
  private var highest: UInt64 { order == 6 ? .max : 1 << (1 << UInt64(order)) - 1 }

  init(_ file: ImageFile, _ header: QCOW2Header) throws(ImageError) {
    self.file = file
    clusterBits = header.clusterBits
    order = header.refcountOrder
    (tableOffset, tableClusters) = (header.refcountTableOffset, header.refcountTableClusters)
    next = file.size.divided(roundingUp: 1 << UInt64(header.clusterBits))
    do throws(SystemError) {
      blocks = try TableCache(
        tables: QCOW2Header.longestRefcountTable / 8, words: 1 << header.clusterBits, budget: 4 << 20)
    } catch { throw ImageError(error, .reading, file.path) }
    let bytes = try file.bytes(tableClusters << clusterBits, at: tableOffset)
    table = stride(from: 0, to: bytes.count, by: 8).map { bytes.big(at: $0) & ~511 }
  }

  /// Behind it is no cluster that was ever used.
  var end: UInt64 { next << UInt64(clusterBits) }

  // MARK: Counts

  /// The block with a cluster's count; nil where there is none, so that all its counts are 0.
  private func block(_ index: Int) throws(ImageError) -> UnsafeMutablePointer<UInt8>? {
    if let words = unsafe blocks.words(index) { return unsafe words }
    guard index < table.count, table[index] != 0 else { return nil }
    let offset = table[index]
    guard offset & (clusterSize - 1) == 0, offset < file.size else {
      throw ImageError(.malformed, file.path, "a refcount block at \(offset), which no cluster is")
    }
    let words = try unsafe room(index)
    do throws(ImageError) {
      try unsafe file.read(UnsafeMutableRawBufferPointer(start: words, count: Int(clusterSize)), at: offset)
    } catch {
      blocks.remove(index)
      throw error
    }
    return unsafe words
  }

  private func room(_ index: Int) throws(ImageError) -> UnsafeMutablePointer<UInt8> {
    if let words = unsafe blocks.insert(index) { return unsafe words }
    try writeBlocks()
    return unsafe blocks.insert(index)!
  }

  func count(_ cluster: UInt64) throws(ImageError) -> UInt64 {
    guard cluster >> UInt64(blockBits) < UInt64(table.count),
      let words = try unsafe block(Int(cluster >> UInt64(blockBits)))
    else { return 0 }
    return unsafe Self.read(words, Int(cluster & (1 << UInt64(blockBits) - 1)), order)
  }

  private static func read(_ words: UnsafeMutablePointer<UInt8>, _ index: Int, _ order: Int) -> UInt64 {
    if order < 3 {
      let perByte = 8 >> order
      let bits = 1 << order
      return unsafe UInt64(words[index / perByte] >> UInt8(index % perByte * bits)) & (1 << UInt64(bits) - 1)
    }
    let bytes = 1 << (order - 3)
    return (0..<bytes).reduce(0) { unsafe $0 << 8 | UInt64(words[index * bytes + $1]) }
  }

  private static func write(_ words: UnsafeMutablePointer<UInt8>, _ index: Int, _ order: Int, _ value: UInt64) {
    if order < 3 {
      let perByte = 8 >> order
      let bits = 1 << order
      let shift = UInt8(index % perByte * bits)
      let mask = UInt8((1 << bits) - 1) << shift
      unsafe words[index / perByte] = words[index / perByte] & ~mask | UInt8(value) << shift
      return
    }
    let bytes = 1 << (order - 3)
    for byte in 0..<bytes {
      unsafe words[index * bytes + byte] = UInt8(truncatingIfNeeded: value >> UInt64(8 * (bytes - 1 - byte)))
    }
  }

  /// Sets a count; where there is no block for it yet, one is made.
  func setCount(_ cluster: UInt64, to value: UInt64) throws(ImageError) {
    guard value <= highest else {
      throw ImageError(.unsupported, file.path, "a cluster is referred to \(value) times; its counts end at \(highest)")
    }
    let index = try blockIndex(cluster)
    let words = try unsafe block(index)!
    unsafe Self.write(words, Int(cluster & (1 << UInt64(blockBits) - 1)), order, value)
    blocks.setDirty(index)
  }

  /// The number of the block for a cluster, which is there afterwards.
  private func blockIndex(_ cluster: UInt64) throws(ImageError) -> Int {
    let index = cluster >> UInt64(blockBits)
    guard index < UInt64(QCOW2Header.longestRefcountTable / 8) else {
      throw ImageError.tooLarge(file.path, "it would become larger than its refcounts can say")
    }
    if index >= UInt64(table.count) { try growTable(for: Int(index)) }
    if table[Int(index)] == 0 { try makeBlock(Int(index)) }
    return Int(index)
  }

  /// Makes a refcount block in a cluster that it counts itself, or in one that an earlier block counts.
  private func makeBlock(_ index: Int) throws(ImageError) {
    let cluster = next
    next += 1
    table[index] = cluster << UInt64(clusterBits)
    let words = try unsafe room(index)
    unsafe words.initialize(repeating: 0, count: Int(clusterSize))
    blocks.setDirty(index)
    try setCount(cluster, to: 1)
    guard !isMoving else { return }
    // An entry must not be there before the block is.
    try writeBlocks()
    try file.synchronize()
    try writeEntry(index)
  }

  private func writeEntry(_ index: Int) throws(ImageError) {
    var bytes = [UInt8](repeating: 0, count: 8)
    bytes.store(big: table[index], at: 0)
    try file.write(bytes, at: tableOffset + UInt64(index) * 8)
  }

  /// Moves the table to where it can be longer.
  private func growTable(for index: Int) throws(ImageError) {
    let old = (offset: tableOffset, clusters: tableClusters)
    let perCluster = Int(clusterSize / 8)
    // Room for the blocks that count the new table itself, and for as much again.
    let clusters = min(
      max(2 * tableClusters, (index + 1) * 2 / perCluster + 1), max(1, QCOW2Header.longestRefcountTable >> clusterBits))
    isMoving = true
    defer { isMoving = false }
    table += Array(repeating: 0, count: max(0, clusters * perCluster - table.count))
    let first = next
    next += UInt64(clusters)
    for cluster in first..<(first + UInt64(clusters)) { try setCount(cluster, to: 1) }
    try writeBlocks()
    var bytes = [UInt8](repeating: 0, count: clusters << clusterBits)
    for (number, offset) in table.enumerated() where offset != 0 { bytes.store(big: offset, at: number * 8) }
    (tableOffset, tableClusters) = (first << UInt64(clusterBits), clusters)
    try file.write(bytes, at: tableOffset)
    try file.synchronize()
    var field = [UInt8](repeating: 0, count: 12)
    field.store(big: tableOffset, at: 0)
    field.store(big: UInt32(clusters), at: 8)
    try file.write(field, at: UInt64(QCOW2Header.Field.refcountTable))
    try file.synchronize()
    for cluster in 0..<UInt64(old.clusters) { try lower(old.offset >> UInt64(clusterBits) + cluster) }
  }

  // MARK: Clusters

  /// Takes free clusters that follow each other, each with a count of 1.
  /// - Returns: the offset of the first, and whether they read as zeros.
  func allocate(_ count: Int) throws(ImageError) -> (offset: UInt64, isZero: Bool) {
    if count == 1, let cluster = free.popLast() {
      try setCount(cluster, to: 1)
      return (cluster << UInt64(clusterBits), false)
    }
    var first = next
    // Counts that are not 0 behind the file's end are leaks; they are passed over.
    var run = 0
    while run < count {
      if try self.count(first + UInt64(run)) != 0 {
        first += UInt64(run) + 1
        run = 0
      } else {
        run += 1
      }
    }
    next = first + UInt64(count)
    for cluster in first..<(first + UInt64(count)) { try setCount(cluster, to: 1) }
    return (first << UInt64(clusterBits), true)
  }

  /// One reference less, when nothing on the disk refers to the cluster by it any more.
  func lower(_ cluster: UInt64) throws(ImageError) {
    let count = try self.count(cluster)
    guard count > 0 else { return }
    try setCount(cluster, to: count - 1)
    guard count == 1 else { return }
    _ = file.punch(clusterSize, at: cluster << UInt64(clusterBits))
    if free.count < 1 << 16 { free.append(cluster) }
  }

  var isDirty: Bool { blocks.dirtyCount > 0 }

  /// Writes changed blocks.
  func writeBlocks() throws(ImageError) {
    for index in blocks.dirtyTables {
      try unsafe file.write(
        UnsafeRawBufferPointer(start: blocks.words(index)!, count: Int(clusterSize)), at: table[index])
      blocks.setClean(index)
    }
  }

  /// Offsets of blocks that the table names.
  var blockOffsets: [(index: Int, offset: UInt64)] { table.enumerated().filter { $1 != 0 }.map { ($0, $1) } }

  /// Clusters with a count in a block, and their counts.
  func counts(_ index: Int, _ body: (UInt64, UInt64) throws(ImageError) -> Void) throws(ImageError) {
    for number in 0..<(1 << blockBits) {
      // Asked for anew each time: the body may change other blocks.
      guard let words = try unsafe block(index) else { return }
      let value = unsafe Self.read(words, number, order)
      if value != 0 { try body(UInt64(index) << UInt64(blockBits) + UInt64(number), value) }
    }
  }

  /// An entry of the table that means nothing is taken out.
  func forget(_ index: Int) throws(ImageError) {
    blocks.remove(index)
    table[index] = 0
    try writeEntry(index)
  }
}
