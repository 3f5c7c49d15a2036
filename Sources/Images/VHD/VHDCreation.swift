import CLinux
import Glibc

/// Makes new VHDs.
enum VHDCreation {
  /// Bytes of a disk at most: what Microsoft's programs take.
  static let largest: UInt64 = 2040 << 30
  private static let blockSize: UInt64 = 2 << 20
  /// The beginning of 2000, UTC, in seconds since 1970.
  private static let epoch = 946_684_800

  static func make(
    _ file: ImageFile, _ kind: VHDFooter.Kind, size: UInt64, parent: ParentReference?
  ) throws(ImageError) -> VHDDriver {
    guard size <= largest else {
      throw ImageError(.refused, file.path, "a VHD of \(size) bytes; expected 2040 GiB at most")
    }
    let identifier = (0..<16).map { _ in UInt8.random(in: 0...255) }
    let time = UInt32(clamping: Glibc.time(nil) - epoch)
    let footer = VHDFooter(
      kind, size: size, identifier: identifier, time: time, headerOffset: kind == .fixed ? nil : 512)
    guard kind != .fixed else {
      try file.truncate(to: size)
      try file.write(footer.bytes, at: size)
      return try VHDDriver(file)
    }
    let entries = max(1, size.divided(roundingUp: blockSize))
    let tableOffset: UInt64 = 1536
    let tableSize = (entries * 4).roundedUp(to: 512)!
    var header = VHDHeader(tableOffset: tableOffset, entries: UInt32(entries), blockSize: UInt32(blockSize))
    var end = tableOffset + tableSize
    if let parent, case .vhd(let parentIdentifier) = parent.identity {
      var locators: [VHDHeader.Locator] = []
      for text in Self.locators(parent.name, of: file.path) {
        locators.append(VHDHeader.Locator(platform: text.platform, count: text.bytes.count, offset: end))
        try file.write(text.bytes, at: end)
        end = (end + UInt64(text.bytes.count)).roundedUp(to: 512)!
      }
      header.setParent(ImageFolder.name(of: parent.name), identifier: parentIdentifier, time: time, locators: locators)
    }
    try file.write(header.bytes, at: 512)
    let piece = [UInt8](repeating: 0xff, count: 64 << 10)
    for offset in stride(from: 0, to: tableSize, by: piece.count) {
      try file.write(Array(piece.prefix(Int(min(tableSize - offset, UInt64(piece.count))))), at: tableOffset + offset)
    }
    try file.write(footer.bytes, at: end)
    try file.write(footer.bytes, at: 0)
    return try VHDDriver(file)
  }

  /// A parent's name as Windows writes it, relative to the image.
  static func locators(_ name: String, of image: String) -> [(platform: UInt32, bytes: [UInt8])] {
    func text(_ path: String) -> [UInt8] {
      path.utf16.map { $0 == 0x2f ? 0x5c : $0 }.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
    }
    return [(VHDHeader.Locator.relative, text(name.hasPrefix("/") ? name : "./\(name)"))]
  }
}
