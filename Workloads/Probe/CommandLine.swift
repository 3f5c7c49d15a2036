/// The kernel command line: `key=number` words, anything else is passed over.
struct CommandLine {
  private static let longest = 4096
  private let text: UnsafePointer<UInt8>?

  init(_ text: UnsafePointer<UInt8>?) {
    self.text = text
  }

  /// The decimal number of a key; nil where the key is absent or has something else.
  subscript(_ key: StaticString) -> UInt64? {
    guard let text else { return nil }
    var position = 0
    while position < Self.longest, text[position] != 0 {
      if startsWord(text, position), let value = number(text, position, key) { return value }
      position += 1
    }
    return nil
  }

  private func startsWord(_ text: UnsafePointer<UInt8>, _ position: Int) -> Bool {
    position == 0 || text[position - 1] == 0x20
  }

  private func number(_ text: UnsafePointer<UInt8>, _ start: Int, _ key: StaticString) -> UInt64? {
    let length = key.utf8CodeUnitCount
    for index in 0..<length where text[start + index] != key.utf8Start[index] { return nil }
    guard text[start + length] == 0x3d else { return nil }
    var position = start + length + 1
    var value: UInt64 = 0
    var digits = 0
    while text[position] >= 0x30 && text[position] <= 0x39 && digits < 18 {
      value = value * 10 + UInt64(text[position] - 0x30)
      position += 1
      digits += 1
    }
    return digits > 0 && (text[position] == 0 || text[position] == 0x20) ? value : nil
  }
}
