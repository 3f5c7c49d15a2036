extension SparseExtent {
  func check(_ repair: CheckRepair, _ report: inout CheckReport) throws(ImageError) {
    var grains: [UInt32] = []
    var metadataEnd = max(place(header.directoryOffset), place(header.redundantOffset)) + UInt64(directory.count * 4)
    if header.flags & SparseHeader.Flag.redundant != 0 && redundant.isEmpty && !directory.isEmpty {
      report.corruption("\(file.path): the second grain directory is missing")
    }
    var seen: Set<UInt32> = []
    for table in directory.indices where directory[table] != 0 {
      guard seen.insert(directory[table]).inserted, UInt64(directory[table]) * 512 + UInt64(entries * 4) <= file.size
      else {
        report.corruption(
          "\(file.path): grain table \(table) at sector \(directory[table]) is past the end or another one's")
        continue
      }
      for sector in [directory[table], redundant.isEmpty ? 0 : redundant[table]] {
        metadataEnd = max(metadataEnd, UInt64(sector) * 512 + UInt64(entries * 4))
      }
      try check(table, repair, &report, &grains)
    }
    grains.sort()
    if !header.isCompressed {
      for (one, next) in zip(grains, grains.dropFirst()) where UInt64(next - one) * 512 < grainSize {
        report.corruption("\(file.path): two grains overlap at sector \(next)")
      }
    }
    report.allocatedClusters += UInt64(grains.count)
    let used = max(grains.last.map { UInt64($0) * 512 + grainSize } ?? 0, metadataEnd, place(header.overhead))
    report.imageEndOffset = max(report.imageEndOffset, used)
    if !header.isCompressed, used + grainSize <= file.size {
      report.leak(
        "\(file.path): \((file.size - used) >> grainBits) grains at the end that no table refers to",
        fixed: repair != .none)
      if repair != .none, report.corruptions == 0 {
        try flush()
        try file.truncate(to: used)
        moveEnd(to: used.roundedUp(to: grainSize)!)
      }
    }
    if repair != .none { try flush() }
    if header.isUnclean {
      report.say("\(file.path): it was not closed in order")
      if repair == .all && report.corruptions == 0 { try setUnclean(false) }
    }
  }

  /// Where a sector begins, as bytes; 0 for one past the file's end, of which a header may speak.
  private func place(_ sector: UInt64) -> UInt64 { sector <= file.size / 512 ? sector * 512 : 0 }

  /// One table against the second one of its kind.
  private func check(
    _ table: Int, _ repair: CheckRepair, _ report: inout CheckReport, _ grains: inout [UInt32]
  ) throws(ImageError) {
    let words = try unsafe words(table)
    var second: [UInt8]?
    if !redundant.isEmpty, redundant[table] != 0, UInt64(redundant[table]) * 512 + UInt64(entries * 4) <= file.size {
      second = try file.bytes(entries * 4, at: UInt64(redundant[table]) * 512)
    }
    for index in 0..<entries {
      var entry = unsafe words[index]
      if let other: UInt32 = second?.little(at: index * 4), other != entry {
        // The second set is written first: what is in it alone is the newer.
        let isBetter = isPlausible(other) && (entry == 0 || !isPlausible(entry))
        report.corruption(
          "\(file.path): grain \(index) of table \(table) is at sector \(entry) in one set and at \(other) in the other",
          fixed: repair == .all && (isBetter || isPlausible(entry)))
        if repair == .all {
          if isBetter { unsafe words[index] = other }
          tables.setDirty(table)
          entry = unsafe words[index]
        }
      }
      guard entry != 0, !(entry == 1 && hasZeroGrains) else { continue }
      if isPlausible(entry) {
        grains.append(entry)
      } else {
        report.corruption("\(file.path): grain \(index) of table \(table) at sector \(entry) is where none can be")
      }
    }
  }

  private func isPlausible(_ entry: UInt32) -> Bool {
    UInt64(entry) * 512 < file.size
      && (entry > 0 && (header.isCompressed || UInt64(entry) >= header.overhead || header.overhead > file.size / 512))
  }
}
