/// What a new image is to be, as `-o NAME=VALUE,…` says it; the names are those of `qemu-img create`.
public struct ImageOptions: Sendable {
  public var format: ImageFormat
  var qcow2 = QCOW2Creation.Options()
  var vhd = VHDFooter.Kind.dynamic
  var vmdk = VMDKCreation.Options()
  /// The parent, as it will be written down, and its format.
  public var parentName: String?
  public var parentFormat: ImageFormat?

  /// Whether only `image convert` can make it, from its beginning to its end.
  var isStream: Bool { format == .vmdk && vmdk.kind == .streamOptimized }

  /// - Throws: ``ImageError`` for a name that the format does not have, or a value that makes no sense.
  public init(_ format: ImageFormat, _ texts: [String] = [], path: String) throws(ImageError) {
    self.format = format
    for text in texts.flatMap({ $0.split(separator: ",") }) {
      guard let equal = text.firstIndex(of: "=") else {
        throw ImageError(.refused, path, "-o \(text): expected NAME=VALUE")
      }
      try set(String(text[..<equal]), to: String(text[text.index(after: equal)...]), path)
    }
  }

  private mutating func set(_ name: String, to value: String, _ path: String) throws(ImageError) {
    func refuse(_ expected: String) -> ImageError {
      ImageError(.refused, path, "-o \(name): expected \(expected), found \(value)")
    }
    switch (format, name) {
    case (.qcow2, "compat"):
      guard let version = ["0.10": UInt32(2), "v2": 2, "1.1": 3, "v3": 3][value] else { throw refuse("0.10 or 1.1") }
      qcow2.version = version
    case (.qcow2, "cluster_size"):
      guard let bytes = Self.bytes(value), bytes.isPowerOfTwo, (512...2 << 20).contains(bytes) else {
        throw refuse("a power of two from 512 to 2M")
      }
      qcow2.clusterSize = bytes
    case (.qcow2, "refcount_bits"):
      guard let bits = UInt64(value), bits.isPowerOfTwo, bits <= 64 else { throw refuse("a power of two up to 64") }
      qcow2.refcountBits = bits
    case (.vpc, "subformat"):
      guard let kind: VHDFooter.Kind = ["fixed": .fixed, "dynamic": .dynamic, "differencing": .differencing][value]
      else {
        throw refuse("fixed, dynamic or differencing")
      }
      vhd = kind
    case (.vpc, "force_size"):
      // The size is always kept as it is asked for.
      guard value == "on" else { throw refuse("on") }
    case (.vmdk, "subformat"):
      guard let kind = VMDKCreation.Kind(rawValue: value) else {
        throw refuse(VMDKCreation.Kind.allCases.map(\.rawValue).joined(separator: ", "))
      }
      vmdk.kind = kind
    case (.vmdk, "adapter_type"):
      guard ["ide", "buslogic", "lsilogic", "legacyESX"].contains(value) else {
        throw refuse("ide, buslogic, lsilogic or legacyESX")
      }
      vmdk.adapter = value
    case (.vmdk, "hwversion"):
      guard let number = UInt8(value) else { throw refuse("a number") }
      vmdk.hardware = String(number)
    case (.vmdk, "zeroed_grain"):
      guard value == "on" || value == "off" else { throw refuse("on or off") }
      vmdk.hasZeroGrains = value == "on"
    case (_, "backing_file") where format != .raw: parentName = value
    case (_, "backing_fmt") where format != .raw:
      guard let known = ImageFormat(name: value) else {
        throw refuse(ImageFormat.allCases.map(\.rawValue).joined(separator: ", "))
      }
      parentFormat = known
    default: throw ImageError(.refused, path, "-o \(name): \(format.rawValue) has \(names)")
    }
  }

  private var names: String {
    switch format {
    case .raw, .vhdx: "no options"
    case .qcow2: "backing_file, backing_fmt, cluster_size, compat, refcount_bits"
    case .vpc: "backing_file, backing_fmt, force_size, subformat"
    case .vmdk: "adapter_type, backing_file, backing_fmt, hwversion, subformat, zeroed_grain"
    }
  }

  func hold(_ path: String) throws(ImageError) {
    if qcow2.version == 2, qcow2.refcountBits != 16 {
      throw ImageError(.refused, path, "-o refcount_bits: version 2 (compat=0.10) has 16, always")
    }
    if (format == .vpc && vhd == .differencing) != (format == .vpc && parentName != nil) {
      throw ImageError(.refused, path, "a differencing VHD has a parent (-b), and no other VHD has one")
    }
    if parentName != nil, format == .vmdk,
      vmdk.kind == .streamOptimized || vmdk.kind == .monolithicFlat || vmdk.kind == .twoGbMaxExtentFlat
    {
      throw ImageError(.refused, path, "a VMDK of the subformat \(vmdk.kind.rawValue) has no parent")
    }
    if parentName != nil, format == .raw { throw ImageError(.refused, path, "a raw image has no parent") }
  }

  /// Bytes that a text like 10G means: a suffix k, M, G, T, P or E is a power of 1024, as in QEMU's tools.
  public static func bytes(_ text: String) -> UInt64? {
    var digits = text[...]
    var factor: UInt64 = 1
    if let last = text.last, let power = Array("bkmgtpe").firstIndex(of: Character(last.lowercased())) {
      digits = text.dropLast()
      factor = 1 << (10 * UInt64(power))
    }
    guard let number = UInt64(digits) else { return nil }
    let (bytes, overflow) = number.multipliedReportingOverflow(by: factor)
    return overflow ? nil : bytes
  }
}
