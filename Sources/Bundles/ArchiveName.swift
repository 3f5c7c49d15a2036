/// Names that an archive may have: relative, plain, and inside.
enum ArchiveName {
  static let longest = 200

  static func isSafe(_ name: String) -> Bool {
    let isPlain = name.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"),
        UInt8(ascii: "/"):
        true
      default: false
      }
    }
    guard isPlain, !name.isEmpty, name.utf8.count <= longest else { return false }
    return name.split(separator: "/", omittingEmptySubsequences: false).allSatisfy {
      $0 != "" && $0 != "." && $0 != ".."
    }
  }
}
