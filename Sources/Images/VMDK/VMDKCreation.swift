/// Makes new VMDKs.
enum VMDKCreation {
  enum Kind: String, CaseIterable {
    case monolithicSparse, monolithicFlat, twoGbMaxExtentSparse, twoGbMaxExtentFlat, streamOptimized
  }

  struct Options {
    var kind = Kind.monolithicSparse
    var adapter = "ide"
    var hardware = "4"
    var hasZeroGrains = false
    /// What the file of a flat extent is called; nil calls it after the image.
    var flatName: String?
  }

  /// Sectors of an extent at most, where a disk is split: a few less than 2 GiB, as VMware's programs do it.
  private static let longestExtent: UInt64 = 4_192_256
  /// Sectors of a grain, and of room for a descriptor inside an extent.
  private static let grain: UInt64 = 128
  private static let descriptorRoom: UInt64 = 20

  /// - Parameters:
  ///   - file: the empty file that will be opened.
  ///   - name: what it will be called.
  ///   - extentFile: makes or opens a file beside it.
  static func make(
    _ file: ImageFile, name: String, _ options: Options, size: UInt64, parent: (name: String, identifier: UInt32)?,
    extentFile: (String) throws(ImageError) -> ImageFile
  ) throws(ImageError) -> VMDKDriver {
    let sectors = size / 512
    guard !name.contains("\""), !name.contains("\n") else {
      throw ImageError(
        .refused, file.path, "a name with quotation marks or line breaks cannot be written down in a descriptor")
    }
    var made: [String: ImageFile] = [:]
    let extents: [VMDKDescriptor.Extent]
    switch options.kind {
    case .monolithicSparse:
      extents = [VMDKDescriptor.Extent(isWritable: true, size: sectors, kind: .sparse, name: name)]
    case .monolithicFlat:
      extents = [
        VMDKDescriptor.Extent(
          isWritable: true, size: sectors, kind: .flat, name: options.flatName ?? "\(stem(name))-flat.vmdk")
      ]
    case .twoGbMaxExtentSparse, .twoGbMaxExtentFlat: extents = split(sectors, stem(name), options.kind)
    case .streamOptimized:
      throw ImageError(.refused, file.path, "a stream-optimized image is made whole, by image convert")
    }
    let descriptor = VMDKDescriptor(
      createType: options.kind.rawValue, extents: extents, sectors: sectors, adapter: options.adapter,
      hardware: options.hardware, identifier: UInt32.random(in: 1..<0xFFFF_FFFE), parent: parent)
    if options.kind == .monolithicSparse {
      try makeSparse(file, sectors, options, descriptor: descriptor.encoded)
    } else {
      for extent in extents {
        let target = try extentFile(extent.name!)
        made[extent.name!] = target
        if extent.kind == .flat {
          try target.truncate(to: extent.size * 512)
        } else {
          try makeSparse(target, extent.size, options, descriptor: nil)
        }
      }
      try file.write(descriptor.encoded, at: 0)
    }
    return try VMDKDriver(file) { name throws(ImageError) in
      guard let file = made[name] else { throw ImageError(.malformed, file.path, "an extent that was not made") }
      return file
    }
  }

  /// A file's name without its ending.
  static func stem(_ name: String) -> String { name.lowercased().hasSuffix(".vmdk") ? String(name.dropLast(5)) : name }

  private static func split(_ sectors: UInt64, _ stem: String, _ kind: Kind) -> [VMDKDescriptor.Extent] {
    (0..<max(1, sectors.divided(roundingUp: longestExtent))).map { number in
      let digits = String(number + 1)
      let padded = String(repeating: "0", count: max(0, 3 - digits.count)) + digits
      return VMDKDescriptor.Extent(
        isWritable: true, size: min(longestExtent, sectors - number * longestExtent),
        kind: kind == .twoGbMaxExtentFlat ? .flat : .sparse,
        name: "\(stem)-\(kind == .twoGbMaxExtentFlat ? "f" : "s")\(padded).vmdk")
    }
  }

  /// Header, descriptor, and two sets of tables in which nothing is allocated.
  private static func makeSparse(
    _ file: ImageFile, _ sectors: UInt64, _ options: Options, descriptor: [UInt8]?
  ) throws(ImageError) {
    var header = SparseHeader(flags: SparseHeader.Flag.newlines | SparseHeader.Flag.redundant, capacity: sectors)
    if options.hasZeroGrains {
      header.version = 2
      header.flags |= SparseHeader.Flag.zeroGrains
    }
    let directory = (header.tables * 4).divided(roundingUp: 512)
    let tables = header.tables * UInt64(header.entriesPerTable) * 4 / 512
    if descriptor != nil {
      header.descriptorOffset = 1
      header.descriptorSize = descriptorRoom
    }
    header.redundantOffset = 1 + header.descriptorSize
    header.directoryOffset = header.redundantOffset + directory + tables
    header.overhead = (header.directoryOffset + directory + tables).roundedUp(to: grain)!
    guard header.overhead <= UInt64(UInt32.max), header.tables * 4 <= 32 << 20 else {
      throw ImageError(.refused, file.path, "a sparse extent of \(sectors) sectors is larger than can be")
    }
    try file.truncate(to: header.overhead * 512)
    try file.write(header.encoded(), at: 0)
    if let descriptor {
      guard descriptor.count < descriptorRoom * 512 else {
        throw ImageError(.refused, file.path, "the names are too long")
      }
      try file.write(descriptor, at: 512)
    }
    for start in [header.redundantOffset, header.directoryOffset] {
      var bytes = [UInt8](repeating: 0, count: Int(directory * 512))
      for table in 0..<header.tables {
        bytes.store(
          little: UInt32(start + directory + table * UInt64(header.entriesPerTable) * 4 / 512), at: Int(table) * 4)
      }
      try file.write(bytes, at: start * 512)
    }
  }
}
