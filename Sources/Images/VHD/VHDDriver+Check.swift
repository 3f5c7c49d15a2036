extension VHDDriver {
  func check(_ repair: CheckRepair) throws(ImageError) -> CheckReport {
    var report = CheckReport(self)
    report.imageEndOffset = end + 512
    for problem in footerProblems { report.corruption(problem, fixed: repair == .all) }
    guard let header else {
      report.allocatedClusters = report.totalClusters
      return report
    }
    if repair == .all, !footerProblems.isEmpty { try beginWriting() }
    var starts: [UInt32] = []
    for block in 0..<min(blocks, Int(header.entries)) {
      let sector = try entry(block)
      guard sector != Self.absent else { continue }
      let start = UInt64(sector) * 512
      if start < header.tableOffset + UInt64(header.entries) * 4 || start + bitmapSize >= end {
        report.corruption("block \(block) at sector \(sector) is where none can be")
      } else {
        starts.append(sector)
      }
    }
    starts.sort()
    let stride = UInt32((bitmapSize + blockSize) / 512)
    for (one, next) in zip(starts, starts.dropFirst()) where next - one < stride {
      report.corruption("two blocks overlap at sector \(next)")
    }
    report.allocatedClusters = UInt64(starts.count)
    let used = max(
      starts.last.map { UInt64($0) * 512 + bitmapSize + blockSize } ?? 0, firstFree(header))
    if used + bitmapSize + blockSize <= end {
      let unused = (end - used) / (bitmapSize + blockSize)
      report.leak("\(unused) blocks at the end that no entry refers to", fixed: repair != .none)
      if repair != .none, report.corruptions == 0 { try shorten(to: used) }
    }
    return report
  }

  /// Where blocks can begin: behind the table and the names of parents.
  private func firstFree(_ header: VHDHeader) -> UInt64 {
    header.locators.filter { $0.count > 0 && $0.offset < file.size }
      .map { $0.offset + UInt64($0.count) }
      .reduce(max(header.tableOffset + UInt64(header.entries) * 4, footer.headerOffset + 1024), max).roundedUp(to: 512)
      ?? end
  }

  private func shorten(to used: UInt64) throws(ImageError) {
    try file.write(footer.bytes, at: used)
    try file.synchronize()
    try file.truncate(to: used + 512)
    moveEnd(to: used)
  }
}
