/// What of an image's tables is in memory alone, and the order in which it gets to the disk.
extension QCOW2Driver {
  var hasUnwrittenMetadata: Bool {
    tables.dirtyCount > 0 || !changedL1.isEmpty || refcounts.isDirty || !released.isEmpty
  }

  /// Data, counts and tables that nothing refers to; then what refers to them; then counts of what is no longer referred to.
  func flush() throws(ImageError) {
    try refcounts.writeBlocks()
    for index in newTables.sorted() { try writeTable(index) }
    try file.synchronize()
    newTables = []
    let dirty = tables.dirtyTables
    guard !dirty.isEmpty || !changedL1.isEmpty || !released.isEmpty else { return }
    for index in dirty { try writeTable(index) }
    try writeL1()
    if !dirty.isEmpty || !changedL1.isEmpty { try file.synchronize() }
    changedL1 = []
    let lowered = released
    released = []
    for cluster in lowered { try refcounts.lower(cluster) }
    if !lowered.isEmpty { try refcounts.writeBlocks() }
  }

  func writeTable(_ index: Int) throws(ImageError) {
    guard let words = unsafe tables.words(index) else { return }
    let count = 1 << l2Bits
    var bytes = [UInt8](repeating: 0, count: count * 8)
    unsafe bytes.withUnsafeMutableBytes { buffer in
      for number in 0..<count {
        unsafe buffer.storeBytes(of: words[number].bigEndian, toByteOffset: number * 8, as: UInt64.self)
      }
    }
    try file.write(bytes, at: l1[index] & QCOW2Entry.offsets)
    tables.setClean(index)
  }

  func setEntry(_ index: Int, _ word: UInt64) {
    l1[index] = word
    changedL1.insert(index)
  }

  /// Writes L1 entries that changed: those in one sector together.
  private func writeL1() throws(ImageError) {
    var sectors: Set<Int> = []
    for index in changedL1 { sectors.insert(index / 64) }
    for sector in sectors.sorted() {
      let entries = (sector * 64)..<min(sector * 64 + 64, l1.count)
      var bytes = [UInt8](repeating: 0, count: entries.count * 8)
      for index in entries { bytes.store(big: l1[index], at: (index - entries.lowerBound) * 8) }
      try file.write(bytes, at: header.l1Offset + UInt64(sector * 512))
    }
  }
}
