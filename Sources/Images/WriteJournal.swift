/// Sees every change that is made to an image's files, in its order: with it a test makes the file anew as a crash at any point
/// would have left it.
protocol WriteJournal: AnyObject {
  func wrote(_ bytes: UnsafeRawBufferPointer, at offset: UInt64, to path: String)
  func truncated(to size: UInt64, _ path: String)
  func synchronized(_ path: String)
}
