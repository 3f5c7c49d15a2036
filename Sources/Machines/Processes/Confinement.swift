import CLinux
import LinuxSystem
import SystemPackage

/// What a session's process gives up once everything is open that it needs, before the first instruction of its guest: capabilities,
/// programs with more privileges, all system calls but those of `CallFilter`, and more memory and descriptors than it has use for.
/// Native legs are held to the same filter: it makes each of their system calls as dear as a guest's.
public struct Confinement: Sendable {
  /// Address space beyond what the session has when it is confined.
  private static let spareMemory: UInt64 = 1 << 30
  private static let spareDescriptors: UInt64 = 64

  private let words: SharedWords
  private let word: Int

  /// - Parameters:
  ///   - words: memory that whoever started the process shares.
  ///   - word: the index of the word there in which the number of a refused call is stored, plus one.
  public init(_ words: SharedWords, word: Int) { (self.words, self.word) = (words, word) }

  /// Makes the filter, which is made once a program: before a process is forked that needs it.
  public static func prepare() throws(SystemError) { _ = try CallFilter.program.get() }

  /// Confines the process, all its threads included, for good.
  public func enter() throws(SystemError) {
    let program = try CallFilter.program.get()
    try check(nm_no_new_privileges(), "give up privileges of programs")
    KickSignal.install()
    try check(nm_drop_capabilities(KickSignal.number), "give up capabilities")
    let (memory, descriptors) = (Self.addressSpace, Self.highestDescriptor)
    if let memory, let descriptors {
      try check(
        nm_limit_process(descriptors + Self.spareDescriptors, memory + Self.spareMemory), "limit the session's process")
    }
    try check(
      unsafe nm_report_trapped_calls(words.address(of: word).assumingMemoryBound(to: UInt64.self)),
      "watch for refused system calls")
    try check(
      unsafe program.withUnsafeBytes { unsafe nm_filter_calls($0.baseAddress, $0.count / 8) }, "filter system calls",
      advice: "The kernel needs CONFIG_SECCOMP_FILTER, and a container's own filter must admit seccomp(2).")
  }

  /// Bytes (proc(5), /proc/self/statm).
  private static var addressSpace: UInt64? {
    (try? HostFiles().text("/proc/self/statm")).flatMap { $0.split(separator: " ").first }.flatMap { UInt64($0) }
      .map { $0 * 4096 }
  }

  private static var highestDescriptor: UInt64? {
    (try? HostFiles().entries("/proc/self/fd"))?.compactMap { UInt64($0) }.max()
  }

  private func check(_ code: Int32, _ operation: String, advice: String? = nil) throws(SystemError) {
    if code != 0 { throw SystemError(operation, Errno(rawValue: code), advice: advice) }
  }
}
