/// The kernel command line: `key=value` words, anything else is passed over.
struct CommandLine {
  private static let longest = 4096
  private let text: ByteSlice

  init(_ text: UnsafePointer<UInt8>?) {
    var count = 0
    if let text {
      while count < Self.longest, text[count] != 0 { count += 1 }
    }
    // Without a text nothing of the slice is ever read.
    self.text = ByteSlice(base: text ?? UnsafePointer(bitPattern: 1)!, count: count)
  }

  /// The decimal number of a key; nil where the key is absent or has something else.
  subscript(_ key: StaticString) -> UInt64? { value(key)?.decimal }

  /// What a key has; nil where the key is absent.
  /// - Parameter skip: words with this key to pass over.
  func value(_ key: StaticString, skip: Int = 0) -> ByteSlice? {
    var words = JobWords(line: text)
    var left = skip
    while let word = words.next() {
      guard word.hasValue, word.key.equals(key) else { continue }
      if left == 0 { return word.value }
      left -= 1
    }
    return nil
  }
}
