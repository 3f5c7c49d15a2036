/// Why a block workload went wrong.
enum BlockFailure: Error {
  /// `submit` returned a negative errno.
  case refused(offset: UInt64, status: Int32)
  /// A request completed with a negative errno.
  case request(offset: UInt64, operation: UInt16, status: Int32)
  /// A completion named a request that is not in flight.
  case stray(tag: UInt16)
  /// `reap` returned more completions than there was room for.
  case tooMany(UInt32)
  /// Requests were in flight and none came back.
  case silence(milliseconds: UInt64)
  /// A word was not what it must be. `offset` is the word's own, in bytes from the start of the disk.
  case wrongData(offset: UInt64, expected: UInt64, found: UInt64)
  /// The same, when what the workload wrote was read back.
  case wrongReadBack(offset: UInt64, expected: UInt64, found: UInt64)
  /// A worker did not come to its work, or not back from it.
  case absent(milliseconds: UInt64)

  /// Writes the failure as a sentence without an end stop.
  func describe(to text: inout TextBuffer) {
    switch self {
    case .refused(let offset, let status):
      text.append("the device refused a request at offset ")
      text.append(offset)
      text.append(": errno ")
      text.append(signed: 0 &- status)
    case .request(let offset, let operation, let status):
      text.append(operation == 0 ? "read" : operation == 1 ? "write" : "flush")
      text.append(" at offset ")
      text.append(offset)
      text.append(" failed: errno ")
      text.append(signed: 0 &- status)
    case .stray(let tag):
      text.append("a completion names tag ")
      text.append(UInt64(tag))
      text.append(", which is not in flight")
    case .tooMany(let count):
      text.append("the device stored ")
      text.append(UInt64(count))
      text.append(" completions, more than it was given room for")
    case .silence(let milliseconds):
      text.append("no completion within ")
      text.append(milliseconds)
      text.append(" ms")
    case .wrongData(let offset, let expected, let found):
      describe("wrong data at offset ", offset, expected, found, to: &text)
    case .wrongReadBack(let offset, let expected, let found):
      describe("wrong data read back at offset ", offset, expected, found, to: &text)
    case .absent(let milliseconds):
      text.append("it did not answer within ")
      text.append(milliseconds)
      text.append(" ms")
    }
  }

  private func describe(
    _ start: StaticString, _ offset: UInt64, _ expected: UInt64, _ found: UInt64, to text: inout TextBuffer
  ) {
    text.append(start)
    text.append(offset)
    text.append(": expected ")
    text.append(hexadecimal: expected)
    text.append(", found ")
    text.append(hexadecimal: found)
  }
}
