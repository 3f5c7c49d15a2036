import LinuxSystem

/// The descriptor of a VMDK: a text of its own, or inside the only extent (VMware Virtual Disk Format 1.1, "The Descriptor").
struct VMDKDescriptor {
  enum ExtentKind: String {
    case flat = "FLAT"
    case sparse = "SPARSE"
    case zero = "ZERO"
    /// The same as flat, on ESX.
    case vmfs = "VMFS"
  }

  struct Extent {
    var isWritable: Bool
    /// Sectors.
    var size: UInt64
    var kind: ExtentKind
    /// Nil for zeros.
    var name: String?
    /// Sectors into the file.
    var offset: UInt64 = 0
  }

  /// Bytes of a descriptor at most.
  static let longest = 1 << 20
  static let noParent: UInt32 = 0xFFFF_FFFF

  private(set) var lines: [String]
  private(set) var extents: [Extent] = []
  private(set) var createType = ""
  private(set) var contentIdentifier: UInt32 = 0
  private(set) var parentIdentifier = Self.noParent
  private(set) var parentName: String?

  /// Whether a file that begins so is a descriptor: comments and empty lines, then a version, or the usual first comment.
  static func isDescriptor(_ head: [UInt8]) -> Bool {
    for line in head.split(whereSeparator: { $0 == 0x0a || $0 == 0x0d }) {
      let text = String(decoding: line, as: UTF8.self).trimmed
      if text.lowercased().hasPrefix("# disk descriptorfile") { return true }
      if text.isEmpty || text.hasPrefix("#") { continue }
      let parts = text.split(separator: "=").map { String($0).trimmed }
      return parts.count == 2 && parts[0].lowercased() == "version" && ["1", "2", "3"].contains(parts[1])
    }
    return false
  }

  /// Whether the text has a byte for each letter.
  private var isLatin = false

  init(_ bytes: [UInt8], path: String) throws(ImageError) {
    let bytes = Array(bytes.prefix { $0 != 0 })
    isLatin = String(validating: bytes, as: UTF8.self) == nil
    lines = Self.text(bytes).split(
      omittingEmptySubsequences: false, whereSeparator: { $0 == "\n" || $0 == "\r\n" || $0 == "\r" }
    ).map(String.init)
    var hasIdentifier = false
    for line in lines {
      let line = line.trimmed
      if line.isEmpty || line.hasPrefix("#") { continue }
      if let extent = try Self.extent(line, path) {
        guard extents.count < 1 << 16 else { throw ImageError(.malformed, path, "more than 65536 extents") }
        extents.append(extent)
        continue
      }
      guard let (name, value) = Self.assignment(line) else { continue }
      switch name {
      case "version":
        guard ["1", "2", "3"].contains(value) else {
          throw ImageError(.unsupported, path, "version \(value.printable) of descriptors is not supported")
        }
      case "cid":
        contentIdentifier = try Self.identifier(value, path)
        hasIdentifier = true
      case "parentcid": parentIdentifier = try Self.identifier(value, path)
      case "createtype": createType = value
      case "parentfilenamehint": parentName = value
      default: break
      }
    }
    guard hasIdentifier, !createType.isEmpty else {
      throw ImageError(.malformed, path, "a descriptor without \(hasIdentifier ? "createType" : "CID")")
    }
  }

  /// UTF-8 where it is that; else what Windows writes in the West, whose letters have one byte.
  private static func text(_ bytes: [UInt8]) -> String {
    if let text = String(validating: bytes, as: UTF8.self) { return text }
    return String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
  }

  /// A line `name = "value"`, the name in lower case.
  private static func assignment(_ line: String) -> (String, String)? {
    guard let equal = line.firstIndex(of: "=") else { return nil }
    var value = line[line.index(after: equal)...].trimmed
    if value.count >= 2, value.first == "\"", value.last == "\"" { value = value.dropFirst().dropLast() }
    return (String(line[..<equal]).trimmed.lowercased(), String(value))
  }

  private static func identifier(_ value: String, _ path: String) throws(ImageError) -> UInt32 {
    guard let number = UInt32(value, radix: 16) else {
      throw ImageError(.malformed, path, "a content identifier \"\(value.printable)\"")
    }
    return number
  }

  /// A line `RW 4192256 SPARSE "name" 0`; nil for any other.
  private static func extent(_ line: String, _ path: String) throws(ImageError) -> Extent? {
    let head = line.prefix { $0 != "\"" }
    let words = head.split(whereSeparator: \.isWhitespace)
    guard let access = words.first, ["RW", "RDONLY", "NOACCESS"].contains(access.uppercased()), words.count >= 3 else {
      return nil
    }
    guard access.uppercased() != "NOACCESS" else {
      throw ImageError(.unsupported, path, "an extent that may not be accessed")
    }
    guard let size = UInt64(words[1]), size <= UInt64(Int64.max) / 512 else {
      throw ImageError(.malformed, path, "an extent of \"\(String(words[1]).printable)\" sectors")
    }
    guard let kind = ExtentKind(rawValue: words[2].uppercased()) else {
      throw ImageError(.unsupported, path, "extents of the kind \(String(words[2]).printable) are not supported")
    }
    var extent = Extent(isWritable: access.uppercased() == "RW", size: size, kind: kind)
    guard kind != .zero else { return extent }
    let rest = line.dropFirst(head.count)
    guard rest.first == "\"", let close = rest.dropFirst().firstIndex(of: "\""),
      close > rest.index(after: rest.startIndex)
    else {
      throw ImageError(.malformed, path, "an extent without a name")
    }
    extent.name = String(rest[rest.index(after: rest.startIndex)..<close])
    let offset = rest[rest.index(after: close)...].trimmed
    if !offset.isEmpty {
      guard let sectors = UInt64(offset), sectors <= UInt64(Int64.max) / 512 else {
        throw ImageError(.malformed, path, "an extent at \"\(String(offset).printable)\"")
      }
      extent.offset = sectors
    }
    return extent
  }

  /// A new descriptor.
  init(
    createType: String, extents: [Extent], sectors: UInt64, adapter: String, hardware: String, identifier: UInt32,
    parent: (name: String, identifier: UInt32)?
  ) {
    let heads = adapter == "ide" ? UInt64(16) : 255
    let cylinders = max(1, sectors / (63 * heads))
    lines = [
      "# Disk DescriptorFile", "version=1", "encoding=\"UTF-8\"", "CID=\(Self.hexadecimal(identifier))",
      "parentCID=\(Self.hexadecimal(parent?.identifier ?? Self.noParent))", "createType=\"\(createType)\"",
    ]
    if let parent { lines.append("parentFileNameHint=\"\(parent.name)\"") }
    lines += ["", "# Extent description"]
    for extent in extents {
      let name = extent.name.map { " \"\($0)\"" } ?? ""
      let offset = extent.kind == .flat ? " \(extent.offset)" : ""
      lines.append("\(extent.isWritable ? "RW" : "RDONLY") \(extent.size) \(extent.kind.rawValue)\(name)\(offset)")
    }
    lines += [
      "", "# The Disk Data Base", "#DDB", "", "ddb.virtualHWVersion = \"\(hardware)\"",
      "ddb.geometry.cylinders = \"\(cylinders)\"", "ddb.geometry.heads = \"\(heads)\"", "ddb.geometry.sectors = \"63\"",
      "ddb.adapterType = \"\(adapter)\"", "",
    ]
    self.extents = extents
    self.createType = createType
    contentIdentifier = identifier
    parentIdentifier = parent?.identifier ?? Self.noParent
    parentName = parent?.name
  }

  private static func hexadecimal(_ value: UInt32) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 8 - digits.count) + digits
  }

  var encoded: [UInt8] {
    let text = lines.joined(separator: "\n")
    return isLatin ? text.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) } : Array(text.utf8)
  }

  mutating func setContentIdentifier(_ identifier: UInt32) {
    contentIdentifier = identifier
    replace("cid", with: "CID=\(Self.hexadecimal(identifier))")
  }

  mutating func setParent(_ parent: (name: String, identifier: UInt32)?) {
    parentIdentifier = parent?.identifier ?? Self.noParent
    parentName = parent?.name
    replace("parentcid", with: "parentCID=\(Self.hexadecimal(parentIdentifier))")
    replace("parentfilenamehint", with: parent.map { "parentFileNameHint=\"\($0.name)\"" })
  }

  private mutating func replace(_ name: String, with line: String?) {
    let index = lines.firstIndex { !$0.trimmed.hasPrefix("#") && Self.assignment($0.trimmed)?.0 == name }
    switch (index, line) {
    case (.some(let index), .some(let line)): lines[index] = line
    case (.some(let index), nil): lines.remove(at: index)
    case (nil, .some(let line)):
      let behind = lines.firstIndex { Self.assignment($0.trimmed)?.0 == "cid" }.map { $0 + 1 } ?? lines.endIndex
      lines.insert(line, at: behind)
    case (nil, nil): break
    }
  }
}
