/// Why a net workload went wrong.
enum NetFailure: Error {
  /// `send` returned a negative errno that is not EAGAIN.
  case refused(status: Int32)
  /// `sent` named a frame that was not on its way.
  case stray(tag: UInt16)
  /// A device stored more than there was room for.
  case tooMany(UInt32)
  /// The far end, or the device, said nothing.
  case silence(milliseconds: UInt64)
  /// Bytes arrived changed: at the workload, and at the far end.
  case corrupted(here: UInt64, there: UInt64)
  /// The far end claims what cannot be.
  case impossible(claim: UInt64, limit: UInt64)

  /// Writes the failure as a sentence without an end stop.
  func describe(to text: inout TextBuffer) {
    switch self {
    case .refused(let status):
      text.append("the device refused a frame: errno ")
      text.append(signed: 0 &- status)
    case .stray(let tag):
      text.append("the device gives back frame ")
      text.append(UInt64(tag))
      text.append(", which was not on its way")
    case .tooMany(let count):
      text.append("the device stored ")
      text.append(UInt64(count))
      text.append(" frames or tags, more than it was given room for")
    case .silence(let milliseconds):
      text.append("no answer from the far end within ")
      text.append(milliseconds)
      text.append(" ms")
    case .corrupted(let here, let there):
      text.append("frames with wrong bytes: ")
      text.append(here)
      text.append(" received, ")
      text.append(there)
      text.append(" at the far end")
    case .impossible(let claim, let limit):
      text.append("the far end speaks of record ")
      text.append(claim)
      text.append(", and only ")
      text.append(limit)
      text.append(" were sent")
    }
  }
}
