/// A check of a qcow2 image: every reference to a cluster is counted and held against the counts that the image keeps.
///
/// Time and memory follow what is in the file: a table is walked once, however often it is named.
struct QCOW2Check {
  private let driver: QCOW2Driver
  private let repair: CheckRepair
  private var report: CheckReport
  private var expected = ReferenceCounts()
  private let clusterBits: Int
  private let clusters: UInt64

  init(_ driver: QCOW2Driver, _ repair: CheckRepair) {
    self.driver = driver
    self.repair = repair
    report = CheckReport(driver)
    clusterBits = driver.header.clusterBits
    clusters = driver.file.size.divided(roundingUp: driver.blockSize)
  }

  mutating func run() throws(ImageError) -> CheckReport {
    let header = driver.header
    refer(0, "the header")
    refer(header.l1Offset, count: UInt64(header.l1Count) * 8, "the L1 table")
    refer(
      driver.refcounts.tableOffset, count: UInt64(driver.refcounts.tableClusters) << UInt64(clusterBits),
      "the refcount table")
    try referToBlocks()
    var l2: [UInt64: Int] = [:]
    collect(driver.l1, into: &l2)
    try referToSnapshots(&l2)
    for (offset, times) in l2.sorted(by: { $0.key < $1.key }) { try walk(offset, times) }
    try compare()
    try compareOwnership()
    try clearMarks()
    report.imageEndOffset = ((expected.highest ?? 0) + 1) << UInt64(clusterBits)
    return report
  }

  // MARK: References

  /// - Returns: whether there is such a cluster.
  @discardableResult
  private mutating func refer(_ offset: UInt64, times: Int = 1, _ what: @autoclosure () -> String) -> Bool {
    guard offset & (driver.blockSize - 1) == 0, offset >> UInt64(clusterBits) < clusters else {
      report.corruption("\(what()) at \(offset) is no cluster of the file")
      return false
    }
    expected.add(offset >> UInt64(clusterBits), times)
    return true
  }

  private mutating func refer(_ offset: UInt64, count: UInt64, _ what: @autoclosure () -> String) {
    for cluster in 0..<count.divided(roundingUp: driver.blockSize) {
      if !refer(offset + cluster << UInt64(clusterBits), what()) { return }
    }
  }

  private mutating func referToBlocks() throws(ImageError) {
    for (index, offset) in driver.refcounts.blockOffsets {
      if refer(offset, "refcount block \(index)") { continue }
      if repair == .all { try driver.refcounts.forget(index) }
    }
  }

  private mutating func collect(_ l1: [UInt64], into l2: inout [UInt64: Int]) {
    for entry in l1 where entry & QCOW2Entry.offsets != 0 { l2[entry & QCOW2Entry.offsets, default: 0] += 1 }
  }

  /// Snapshots keep tables of their own (QEMU docs/interop/qcow2, "Snapshots").
  private mutating func referToSnapshots(_ l2: inout [UInt64: Int]) throws(ImageError) {
    let header = driver.header
    guard header.snapshotCount > 0 else { return }
    var position = header.snapshotsOffset
    var l1s: [UInt64: Int] = [:]
    for number in 0..<header.snapshotCount {
      guard position < driver.file.size, position - header.snapshotsOffset <= 64 << 20 else {
        report.corruption("the table of snapshots goes past its end at snapshot \(number)")
        break
      }
      let head = try driver.file.bytes(40, at: position)
      let l1Offset: UInt64 = head.big(at: 0)
      let count = Int(head.big(UInt32.self, at: 8))
      let more = UInt64(head.big(UInt32.self, at: 36))
      let names = UInt64(head.big(UInt16.self, at: 12)) + UInt64(head.big(UInt16.self, at: 14))
      position = (position + 40 + more + names).roundedUp(to: 8) ?? .max
      guard count <= QCOW2Header.longestL1 / 8, l1Offset & (driver.blockSize - 1) == 0, l1Offset < driver.file.size
      else {
        report.corruption("snapshot \(number) has no L1 table")
        continue
      }
      // Two snapshots with one table would be walked twice for nothing.
      l1s[l1Offset] = max(l1s[l1Offset] ?? 0, count)
      refer(l1Offset, count: UInt64(count) * 8, "the L1 table of snapshot \(number)")
    }
    refer(header.snapshotsOffset, count: position - header.snapshotsOffset, "the table of snapshots")
    for (offset, count) in l1s {
      let bytes = try driver.file.bytes(count * 8, at: offset)
      collect(stride(from: 0, to: bytes.count, by: 8).map { bytes.big(at: $0) }, into: &l2)
    }
  }

  /// One L2 table that is named so many times.
  private mutating func walk(_ offset: UInt64, _ times: Int) throws(ImageError) {
    guard refer(offset, times: times, "an L2 table") else { return }
    let bytes = try driver.file.bytes(Int(driver.blockSize), at: offset)
    for position in stride(from: 0, to: bytes.count, by: 8) {
      let entry = QCOW2Entry(bytes.big(at: position))
      guard let used = entry.clusters(clusterBits) else { continue }
      if entry.isCompressed {
        // The last sector of a compressed cluster may be past the file's end.
        guard used.lowerBound < clusters else {
          report.corruption("a compressed cluster is past the file's end")
          continue
        }
        for cluster in used where cluster < clusters { expected.add(cluster, times) }
      } else {
        guard refer(entry.offset, times: times, "a cluster") else { continue }
      }
      report.allocatedClusters += UInt64(times)
    }
  }

  // MARK: Counts

  private mutating func compare() throws(ImageError) {
    // What is counted too high, or referred to without a count.
    var wrong: [(cluster: UInt64, found: UInt64, wanted: UInt64)] = []
    var seen = ReferenceCounts()
    let counted = expected
    for (index, offset) in driver.refcounts.blockOffsets where offset >> UInt64(clusterBits) < clusters {
      // A block that is named twice is already a finding; its counts are for the first of its places.
      if seen.count(offset >> UInt64(clusterBits)) > 0 { continue }
      seen.add(offset >> UInt64(clusterBits), 1)
      try driver.refcounts.counts(index) { (cluster, found) throws(ImageError) in
        let wanted = UInt64(counted.count(cluster))
        if found != wanted { wrong.append((cluster, found, wanted)) }
      }
    }
    try counted.visit { (cluster, times) throws(ImageError) in
      if try driver.refcounts.count(cluster) == 0 { wrong.append((cluster, 0, UInt64(times))) }
    }
    for (cluster, found, wanted) in wrong {
      let text = "cluster \(cluster) has the count \(found), and \(wanted) references"
      let isLeak = found > wanted
      let isFixed = repair == .all || (repair == .leaks && isLeak)
      if isFixed { try driver.refcounts.setCount(cluster, to: wanted) }
      if isLeak { report.leak(text, fixed: isFixed) } else { report.corruption(text, fixed: isFixed) }
    }
  }

  /// An entry says whether its cluster is its own: whether the count is 1.
  private mutating func compareOwnership() throws(ImageError) {
    for index in driver.l1.indices {
      let entry = driver.l1[index]
      let offset = entry & QCOW2Entry.offsets
      guard offset != 0, offset & (driver.blockSize - 1) == 0, offset >> UInt64(clusterBits) < clusters else {
        continue
      }
      let isOwn = expected.count(offset >> UInt64(clusterBits)) == 1
      if isOwn != (entry & QCOW2Entry.copied != 0) {
        report.corruption("the entry of L2 table \(index) is wrong about being its only one", fixed: repair == .all)
        if repair == .all { driver.setEntry(index, isOwn ? entry | QCOW2Entry.copied : entry & ~QCOW2Entry.copied) }
      }
      let words = try unsafe driver.table(index)
      for number in 0..<(1 << driver.header.l2Bits) {
        let entry = unsafe QCOW2Entry(words[number])
        guard !entry.isCompressed, entry.offset != 0, entry.offset >> UInt64(clusterBits) < clusters else { continue }
        let isOwn = expected.count(entry.offset >> UInt64(clusterBits)) == 1
        guard isOwn != entry.isOwn else { continue }
        report.corruption(
          "the entry of a cluster in L2 table \(index) is wrong about being its only one", fixed: repair == .all)
        if repair == .all {
          unsafe words[number] = isOwn ? entry.word | QCOW2Entry.copied : entry.word & ~QCOW2Entry.copied
          driver.tables.setDirty(index)
        }
      }
      // Tables are changed one by one; all of them together may be more than there is room for.
      if driver.tables.dirtyCount > 0 { try driver.flush() }
    }
  }

  /// The image is right now, and says so.
  private mutating func clearMarks() throws(ImageError) {
    let marks = QCOW2Header.Incompatible.dirty | QCOW2Header.Incompatible.corrupt
    if repair != .none { try driver.flush() }
    guard driver.header.version == 3, driver.header.incompatible & marks != 0 else { return }
    guard repair == .all, report.corruptions == 0 else {
      if driver.header.incompatible & QCOW2Header.Incompatible.corrupt != 0 {
        report.corruption("it is marked as corrupt")
      }
      return
    }
    driver.header.incompatible &= ~marks
    var bytes = [UInt8](repeating: 0, count: 8)
    bytes.store(big: driver.header.incompatible, at: 0)
    try driver.file.write(bytes, at: UInt64(QCOW2Header.Field.incompatible))
    try driver.file.synchronize()
  }
}

extension QCOW2Driver {
  func check(_ repair: CheckRepair) throws(ImageError) -> CheckReport {
    var check = QCOW2Check(self, repair)
    return try check.run()
  }
}

/// How often each cluster is referred to: pages of counts, for clusters that are at all.
struct ReferenceCounts {
  private var pages: [UInt64: [UInt32]] = [:]
  private(set) var highest: UInt64?
  private static let bits: UInt64 = 10

  mutating func add(_ cluster: UInt64, _ times: Int) {
    let place = Int(cluster & (1 << Self.bits - 1))
    let page = cluster >> Self.bits
    let sum = UInt64(pages[page]?[place] ?? 0) + UInt64(times)
    pages[page, default: Array(repeating: 0, count: 1 << Int(Self.bits))][place] = UInt32(clamping: sum)
    highest = max(highest ?? 0, cluster)
  }

  func count(_ cluster: UInt64) -> UInt32 { pages[cluster >> Self.bits]?[Int(cluster & (1 << Self.bits - 1))] ?? 0 }

  func visit(_ body: (UInt64, UInt32) throws(ImageError) -> Void) throws(ImageError) {
    for page in pages.keys.sorted() {
      for (place, times) in pages[page]!.enumerated() where times > 0 {
        try body(page << Self.bits + UInt64(place), times)
      }
    }
  }
}
