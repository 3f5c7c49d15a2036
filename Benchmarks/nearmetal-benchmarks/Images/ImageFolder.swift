import Glibc
import Images
import LinuxSystem
import Storage

/// A folder with the same disk in each format, removed with its owner.
final class ImageFolder {
  struct Format {
    let name: String
    let format: ImageFormat
  }

  static let formats = [
    Format(name: "raw", format: .raw), Format(name: "vhd", format: .vpc), Format(name: "vmdk", format: .vmdk),
    Format(name: "qcow2", format: .qcow2),
  ]

  /// Those that are measured; raw always.
  let formats: [Format]
  private let path: String

  init(in directory: String, only: String?) throws {
    var template = Array("\(directory)/nearmetal-images-XXXXXX".utf8CString)
    guard unsafe mkdtemp(&template) != nil else { throw Problem("cannot make a folder in \(directory)") }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    formats = Self.formats.filter { only == nil || $0.name == only || $0.name == "raw" }
  }

  deinit {
    for name in Self.formats.flatMap({ ["disk.\($0.name)", "empty.\($0.name)"] }) + Conversions.files {
      _ = unsafe unlink("\(path)/\(name)")
    }
    _ = unsafe rmdir(path)
  }

  subscript(name: String) -> String { "\(path)/\(name)" }

  func path(_ format: Format) -> String { self["disk.\(format.name)"] }

  /// Makes the disk in every format, with all blocks allocated.
  func fill(size: UInt64) throws {
    try DiskImage.prepare(path: path(formats[0]), size: size, seed: 1)
    for format in formats.dropFirst() {
      let source = try VirtualDisk.open(path(formats[0]), OpenOptions(format: .raw))
      let target = path(format)
      try ImageConversion.convert(source, to: target, ImageOptions(format.format, path: target))
    }
    for format in formats { try PageCache.lay(path: path(format)) }
  }

  /// Makes an image without blocks.
  func makeEmpty(_ format: Format, size: UInt64) throws -> String {
    let target = self["empty.\(format.name)"]
    try ImageCreation.create(target, ImageOptions(format.format, path: target), size: size, replaces: true)
    return target
  }

  /// - Parameter other: the image, where it is not the one with all blocks.
  func specification(_ format: Format, _ other: String? = nil, isDirect: Bool) -> BackingSpecification {
    let path = other ?? path(format)
    if format.format == .raw { return isDirect ? .direct(path: path) : .file(path: path) }
    return .image(path, OpenOptions(format: format.format, isDirect: isDirect))
  }
}
