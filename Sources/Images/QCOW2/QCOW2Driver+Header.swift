// What the header says, and what there is to say of it.

extension QCOW2Driver {
  func setParent(_ parent: ParentReference?) throws(ImageError) {
    try flush()
    var changed = header
    (changed.refcountTableOffset, changed.refcountTableClusters) = (refcounts.tableOffset, refcounts.tableClusters)
    changed.backingName = parent?.name
    changed.backingFormat = parent?.format?.rawValue
    guard let bytes = changed.encoded() else {
      throw ImageError(.refused, file.path, "the name of the parent does not fit into the first cluster")
    }
    try file.write(bytes, at: 0)
    try file.synchronize()
    header = changed
  }

  var details: [ImageInfo.Detail] {
    var details = [
      ImageInfo.Detail("compat", header.version == 2 ? "0.10" : "1.1"),
      ImageInfo.Detail("compression-type", header.compression == .zlib ? "zlib" : "zstd"),
      ImageInfo.Detail("refcount-bits", 1 << header.refcountOrder),
      ImageInfo.Detail("lazy-refcounts", header.compatible & 1 != 0),
      ImageInfo.Detail("corrupt", header.incompatible & QCOW2Header.Incompatible.corrupt != 0),
      ImageInfo.Detail("dirty", header.incompatible & QCOW2Header.Incompatible.dirty != 0),
    ]
    if header.snapshotCount > 0 { details.append(ImageInfo.Detail("snapshots", header.snapshotCount)) }
    return details
  }
}
