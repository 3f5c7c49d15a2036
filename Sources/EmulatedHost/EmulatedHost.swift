import Glibc
import LinuxSystem

import class Foundation.Bundle

/// A host of another KVM backend, described; ``start(_:in:)`` makes one and runs a command there.
public struct EmulatedHost: Sendable {
  public var backend: HostBackend
  /// A Debian package by its name, a `.deb` file, a kernel's build tree, or a folder with `boot/vmlinuz-*` and `lib/modules`; nil for
  /// Debian's cloud kernel.
  public var kernel: String?
  /// Words for the kernel's command line, behind the machinery's own; `MODULE.PARAMETER=VALUE` reaches modules.
  public var append: [String] = []
  /// Whether time there goes by instructions: a nanosecond, and a tick of the time-stamp counter, for each that the processor
  /// executes. There is one processor then. Bochs' time is so in any case.
  public var hasInstructionClock = false
  /// A TCG plugin with its arguments behind commas; nil for none. SVM only.
  public var plugin: String?
  /// Programs of this machine that the host carries with their libraries, and files and folders that it has in the same place.
  public var tools: [String] = []
  public var files: [String] = []
  /// The `nearmetal` that the host carries, with the resource folders beside it.
  public var program: String
  /// Seconds that the command may take.
  public var seconds: UInt64 = 1800
  /// Where the host's console is kept; nil to keep it after a failure alone.
  public var log: String?

  public init(_ backend: HostBackend, program: String) {
    (self.backend, self.program) = (backend, program)
  }

  /// Starts a host for a command. Files below `folder` that words of the command name are carried in; what the command writes below
  /// its folder comes back into `folder`.
  /// - Parameters:
  ///   - command: the program's words, without its name.
  ///   - folder: an absolute path.
  public func start(_ command: [String], in folder: String) throws(EmulatedHostError) -> RunningHost {
    guard let script = Bundle.module.path(forResource: "emulated-host", ofType: nil, inDirectory: "Host") else {
      throw .unavailable("the machinery of emulated hosts is not beside the program: install NearMetal again")
    }
    guard isExecutable(Self.shell) else {
      throw .unavailable("\(Self.shell) is not installed, which makes emulated hosts")
    }
    let words =
      ["-c", "cd \"$1\" && shift && exec \"$0\" \"$@\"", Self.shell, folder, script] + options + ["--"] + command
    do throws(SystemError) {
      let process = try ChildProcess(Self.shell, words, isApart: true, diesWithCaller: true)
      return RunningHost(process, deadline: MonotonicClock.now + (backend.bootSeconds + seconds + 600) * 1_000_000_000)
    } catch { throw .unavailable("\(error)") }
  }

  /// The TCG plugin that counts instructions by address (`Plugin/bill.c`); nil where it is not beside the program.
  public static var counter: String? { Bundle.module.path(forResource: "bill", ofType: "so") }

  private static let shell = "/bin/bash"

  private var options: [String] {
    var words = [backend.rawValue, "--program", program, "--timeout", "\(seconds)"]
    // Bochs has no other clock, and the machinery no word for it.
    if hasInstructionClock, backend == .svm { words += ["--icount"] }
    if let kernel { words += ["--kernel", kernel] }
    for word in append { words += ["--append", word] }
    if let plugin { words += ["--plugin", plugin] }
    for tool in tools { words += ["--tool", tool] }
    for file in files { words += ["--file", file] }
    if let log { words += ["--log", log] }
    return words
  }
}
