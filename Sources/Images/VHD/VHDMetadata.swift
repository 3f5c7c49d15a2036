// Where the metadata of a VHD are in its file, and whether they can be right.

extension VHDFooter {
  /// The footer at the end, or the copy where that one is broken.
  static func read(
    _ file: ImageFile
  ) throws(ImageError) -> (footer: VHDFooter, end: UInt64, problems: [String]) {
    // Virtual PC before 2004 wrote a footer of 511 bytes: the last one, reserved, is missing.
    let isShort = file.size % 512 == 511
    let place = file.size >= 512 ? (isShort ? file.size - 511 : (file.size - 512) & ~511) : 0
    let last = file.size >= 511 && file.size % 512 != 0 && !isShort ? nil : VHDFooter(try file.bytes(512, at: place))
    let first = VHDFooter(try file.bytes(512, at: 0))
    if let last {
      if last.kind == .fixed { return (last, place, []) }
      let problems =
        first == nil
        ? ["the copy of the footer is broken"] : first == last ? [] : ["the copy of the footer differs from it"]
      return (last, place, problems)
    }
    guard let first, first.kind != .fixed, let end = file.size.roundedUp(to: 512) else {
      throw ImageError(.malformed, file.path, "no VHD: it has no footer")
    }
    return (first, end, ["there is no footer at the end"])
  }
}

extension VHDHeader {
  /// The header of the tables of a disk, which hold what it needs.
  static func read(_ file: ImageFile, _ footer: VHDFooter, size: UInt64) throws(ImageError) -> VHDHeader {
    func malformed(_ reason: String) -> ImageError { ImageError(.malformed, file.path, reason) }
    guard footer.headerOffset < file.size,
      let header = VHDHeader(try file.bytes(VHDHeader.size, at: footer.headerOffset))
    else { throw malformed("the header of its tables is broken") }
    guard header.blockSize.isPowerOfTwo, (64 << 10...256 << 20).contains(header.blockSize) else {
      throw malformed("blocks of \(header.blockSize) bytes; expected a power of two from 64 KiB to 256 MiB")
    }
    // The table's entries are sectors in 32 bits: no more than that can be there.
    guard size <= 2 << 40 else { throw malformed("a disk of \(size) bytes, more than its table can name") }
    guard UInt64(header.entries) >= size.divided(roundingUp: UInt64(header.blockSize)) else {
      throw malformed("a table of \(header.entries) blocks, for a disk of \(size) bytes")
    }
    let count = UInt64(header.entries) * 4
    guard header.tableOffset & 511 == 0, header.tableOffset < file.size, count <= file.size - header.tableOffset else {
      throw malformed("a table at \(header.tableOffset) of \(count) bytes, past the file's end")
    }
    return header
  }
}
