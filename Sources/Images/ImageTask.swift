/// What long work tells while it goes on, and whether it still should.
public struct ImageTask: Sendable {
  /// Called with the bytes of the disk that are done, and all of them.
  public var report: @Sendable (_ done: UInt64, _ total: UInt64) -> Void
  /// Asked between pieces of a few MiB.
  public var isInterrupted: @Sendable () -> Bool

  public init(
    report: @escaping @Sendable (UInt64, UInt64) -> Void = { _, _ in },
    isInterrupted: @escaping @Sendable () -> Bool = { false }
  ) {
    self.report = report
    self.isInterrupted = isInterrupted
  }

  func step(_ done: UInt64, of total: UInt64, _ path: String) throws(ImageError) {
    if isInterrupted() { throw ImageError(.interrupted, path, "interrupted") }
    report(done, total)
  }
}
