/// A piece of ACPI machine language, encoded (ACPI 6.4 §20.2): the few terms that name and describe what a machine has.
public struct AML: Sendable {
  public let bytes: [UInt8]

  /// The smallest encoding of a number (§20.2.3, ConstObj and the integer prefixes).
  public static func integer(_ value: UInt64) -> AML {
    switch value {
    case 0, 1: AML([UInt8(value)])
    case ...0xff: AML([0x0a] + littleEndian(UInt8(value)))
    case ...0xffff: AML([0x0b] + littleEndian(UInt16(value)))
    case ...0xffff_ffff: AML([0x0c] + littleEndian(UInt32(value)))
    default: AML([0x0e] + littleEndian(value))
    }
  }

  /// A string of ASCII characters (§20.2.3, String).
  public static func string(_ text: String) -> AML {
    precondition(text.utf8.allSatisfy { (0x01...0x7f).contains($0) }, "AML's strings are ASCII")
    return AML([0x0d] + Array(text.utf8) + [0])
  }

  /// A device's identifier such as PNP0A03, compressed to an integer (§19.3.4, EISAID macro).
  public static func eisa(_ text: String) -> AML {
    let characters = Array(text.utf8)
    precondition(
      characters.count == 7 && characters[..<3].allSatisfy { (0x41...0x5a).contains($0) },
      "three capital letters and four hexadecimal digits")
    guard let product = UInt16(text.suffix(4), radix: 16) else { preconditionFailure("\(text) has no product number") }
    let vendor = characters[..<3].reduce(UInt16(0)) { $0 << 5 | UInt16($1 - 0x40) }
    return .integer(UInt64(vendor.byteSwapped) | UInt64(product.byteSwapped) << 16)
  }

  /// Gives a value a name (§20.2.5.1, DefName).
  public static func name(_ name: String, _ value: AML) -> AML { AML([0x08] + path(name) + value.bytes) }

  /// A list of values; at most 255 (§20.2.5.4, DefPackage).
  public static func package(_ elements: [AML]) -> AML {
    precondition(elements.count <= 255, "a package counts its elements in a byte")
    return AML([0x12] + sized([UInt8(elements.count)] + elements.flatMap(\.bytes)))
  }

  /// Bytes, such as a resource template (§20.2.5.4, DefBuffer).
  public static func buffer(_ content: [UInt8]) -> AML {
    AML([0x11] + sized(integer(UInt64(content.count)).bytes + content))
  }

  /// Terms inside a name that is there already (§20.2.5.1, DefScope).
  public static func scope(_ name: String, _ terms: [AML]) -> AML {
    AML([0x10] + sized(path(name) + terms.flatMap(\.bytes)))
  }

  /// A device and what is in it (§20.2.5.2, DefDevice).
  public static func device(_ name: String, _ terms: [AML]) -> AML {
    AML([0x5b, 0x82] + sized(path(name) + terms.flatMap(\.bytes)))
  }

  private init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  /// A name with its path (§20.2.2, NameString): segments of up to four characters, separated by dots, from the root with a
  /// backslash in front.
  private static func path(_ text: String) -> [UInt8] {
    var rest = Substring(text)
    var bytes: [UInt8] = []
    if rest.first == "\\" {
      bytes.append(0x5c)
      rest = rest.dropFirst()
    }
    let segments = rest.split(separator: ".").map(segment)
    precondition(!segments.isEmpty && segments.count <= 255, "a name has segments")
    switch segments.count {
    case 1: break
    case 2: bytes.append(0x2e)
    default: bytes += [0x2f, UInt8(segments.count)]
    }
    return bytes + segments.joined()
  }

  private static func segment(_ text: Substring) -> [UInt8] {
    let characters = Array(text.utf8)
    precondition((1...4).contains(characters.count), "a segment of a name has up to four characters")
    for (index, character) in characters.enumerated() {
      let isDigit = (0x30...0x39).contains(character) && index > 0
      precondition((0x41...0x5a).contains(character) || character == 0x5f || isDigit, "capital letters, digits, _")
    }
    return characters + [UInt8](repeating: 0x5f, count: 4 - characters.count)
  }

  /// The content behind its length, which counts its own bytes (§20.2.4, PkgLength).
  private static func sized(_ content: [UInt8]) -> [UInt8] {
    if content.count + 1 < 0x40 { return [UInt8(content.count + 1)] + content }
    for extra in 1...3 where content.count + 1 + extra < 1 << (4 + 8 * extra) {
      let length = content.count + 1 + extra
      let tail = (0..<extra).map { UInt8(truncatingIfNeeded: length >> (4 + 8 * $0)) }
      return [UInt8(extra << 6 | length & 0xf)] + tail + content
    }
    preconditionFailure("a term has less than 256 MiB")
  }
}

/// A value's bytes, the lowest first.
func littleEndian<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
  (0..<Value.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> Value(8 * $0)) }
}
