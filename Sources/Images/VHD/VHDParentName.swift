import CLinux
import Glibc
import LinuxSystem

/// Which file a differencing VHD means by its parent. Windows wrote down what Linux has to find.
enum VHDParentName {
  /// Bytes of a locator's text at most: 32,767 characters of UTF-16, as long as Windows lets a path be.
  private static let longest = 65534

  /// The first of the names that there is a file for in the image's folder; else the first name at all.
  static func find(_ header: VHDHeader, in file: ImageFile) throws(ImageError) -> String? {
    var names: [String] = []
    for platform in [VHDHeader.Locator.relative, VHDHeader.Locator.url, VHDHeader.Locator.absolute] {
      for locator in header.locators where locator.platform == platform {
        guard (1...longest).contains(locator.count), locator.offset < file.size else { continue }
        names.append(text(try file.bytes(locator.count, at: locator.offset), platform))
      }
    }
    names.append(header.parentName)
    let paths = names.map(path).filter { !$0.isEmpty }
    // An absolute path of another machine: the file may still be beside the image.
    let candidates = paths.filter { !$0.contains(":") } + paths.map(ImageFolder.name(of:)).filter { !$0.isEmpty }
    let folder = ImageFolder.directory(of: file.path)
    return candidates.first { unsafe access($0.hasPrefix("/") ? $0 : "\(folder)/\($0)", F_OK) == 0 } ?? candidates.first
  }

  private static func text(_ bytes: [UInt8], _ platform: UInt32) -> String {
    if platform == VHDHeader.Locator.url { return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self) }
    let units = stride(from: 0, to: bytes.count & ~1, by: 2).map { bytes.little(UInt16.self, at: $0) }
    return String(decoding: units.prefix { $0 != 0 }, as: UTF16.self)
  }

  /// A path as Linux writes it.
  private static func path(_ name: String) -> String {
    var name = name[...]
    for prefix in ["file://localhost/", "file:///"] where name.hasPrefix(prefix) {
      name = "/" + name.dropFirst(prefix.count)
    }
    return String(name.map { $0 == "\\" ? "/" : $0 })
  }
}
