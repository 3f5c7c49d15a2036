/// Makes new qcow2 images.
enum QCOW2Creation {
  struct Options {
    var version: UInt32 = 3
    var clusterSize: UInt64 = 64 << 10
    var refcountBits: UInt64 = 16
  }

  static func make(
    _ file: ImageFile, _ options: Options, size: UInt64, parent: ParentReference?
  ) throws(ImageError) -> QCOW2Driver {
    var header = QCOW2Header(
      version: options.version, clusterBits: options.clusterSize.trailingZeroBitCount, size: size)
    header.refcountOrder = options.refcountBits.trailingZeroBitCount
    header.backingName = parent?.name
    header.backingFormat = parent?.format?.rawValue
    let cluster = options.clusterSize
    header.l1Count = Int(size.divided(roundingUp: 1 << UInt64(header.clusterBits + header.l2Bits)))
    guard header.l1Count <= QCOW2Header.longestL1 / 8 else {
      throw ImageError(
        .refused, file.path,
        "a disk of \(size) bytes is too large for clusters of \(cluster) bytes; give a larger cluster_size")
    }
    let l1Clusters = UInt64(header.l1Count * 8).divided(roundingUp: cluster)
    let perBlock = cluster * 8 / options.refcountBits
    // The blocks count themselves and the table that names them.
    var (blocks, tableClusters) = (UInt64(1), UInt64(1))
    while true {
      let needed = (1 + l1Clusters + blocks + tableClusters).divided(roundingUp: perBlock)
      let named = (needed * 8).divided(roundingUp: cluster)
      if needed <= blocks && named <= tableClusters { break }
      (blocks, tableClusters) = (max(blocks, needed), max(tableClusters, named))
    }
    header.refcountTableOffset = cluster
    header.refcountTableClusters = Int(tableClusters)
    let firstBlock = cluster * (1 + tableClusters)
    header.l1Offset = firstBlock + cluster * blocks
    let total = 1 + tableClusters + blocks + l1Clusters
    guard let first = header.encoded() else {
      throw ImageError(.refused, file.path, "the name of the parent does not fit into the first cluster")
    }
    try file.truncate(to: total * cluster)
    try file.write(first, at: 0)
    var table = [UInt8](repeating: 0, count: Int(blocks) * 8)
    for block in 0..<Int(blocks) { table.store(big: firstBlock + UInt64(block) * cluster, at: block * 8) }
    try file.write(table, at: header.refcountTableOffset)
    let refcounts = try QCOW2Refcounts(file, header)
    for cluster in 0..<total { try refcounts.setCount(cluster, to: 1) }
    try refcounts.writeBlocks()
    return try QCOW2Driver(file, OpenOptions(readOnly: false))
  }
}
