/// Formats of images, by the names that QEMU's tools have for them.
public enum ImageFormat: String, Sendable, CaseIterable, Encodable {
  /// The disk's bytes and nothing else.
  case raw
  /// Microsoft's Virtual Hard Disk, specification 1.0 of 2006. Named after Virtual PC, as QEMU does.
  case vpc
  /// VMware's Virtual Disk Format 1.1 (and 5.0).
  case vmdk
  /// QEMU's Copy On Write, versions 2 and 3 (docs/interop/qcow2).
  case qcow2
  /// Microsoft's successor of VHD; can only be read.
  case vhdx

  /// The format that a name means: QEMU's, or the format's own.
  public init?(name: String) {
    switch name.lowercased() {
    case "vhd": self = .vpc
    case let name:
      guard let format = ImageFormat(rawValue: name) else { return nil }
      self = format
    }
  }

  /// The format that a file's name lets expect; nil where it lets expect nothing.
  public init?(path: String) {
    guard let dot = path.lastIndex(of: "."), !path[dot...].contains("/") else { return nil }
    switch path[path.index(after: dot)...].lowercased() {
    case "raw", "img": self = .raw
    case "vhd", "vpc": self = .vpc
    case "vmdk": self = .vmdk
    case "qcow2": self = .qcow2
    case "vhdx": self = .vhdx
    default: return nil
    }
  }

  /// What the file's own bytes say it is.
  static func probe(_ file: ImageFile) throws(ImageError) -> ImageFormat {
    let head = try file.bytes(512, at: 0)
    if head.big(UInt32.self, at: 0) == QCOW2Header.magic { return .qcow2 }
    if head.little(UInt32.self, at: 0) == SparseHeader.magic { return .vmdk }
    if VMDKDescriptor.isDescriptor(head) { return .vmdk }
    if head.starts(with: VHDFooter.cookie) { return .vpc }
    if head.starts(with: VHDXMetadata.signature) { return .vhdx }
    // A fixed VHD says so at its end alone.
    if file.size >= 1024, try file.bytes(512, at: file.size - 512).starts(with: VHDFooter.cookie) { return .vpc }
    return .raw
  }
}
