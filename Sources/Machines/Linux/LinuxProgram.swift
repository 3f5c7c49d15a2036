import Definitions
import LinuxSystem

/// A tool as this host has it.
struct LinuxProgram: Sendable {
  let path: String
  /// As the tool says it: what a guest's has to be too.
  let version: String

  /// Looks a tool up in `PATH`, and asks for its version; nil where there is none.
  init?(_ tool: LinuxTool) {
    let folders = (Environment.value("PATH") ?? "").split(separator: ":")
    guard let path = folders.lazy.map({ "\($0)/\(tool.program)" }).first(where: { isExecutable($0) }),
      let child = try? ChildProcess(path, ["--version"])
    else { return nil }
    var answer: [UInt8] = []
    let hasEnded = unsafe child.drain(until: MonotonicClock.now + 10_000_000_000) {
      unsafe answer.append(contentsOf: $0.prefix(max(0, 200 - answer.count)))
    }
    guard hasEnded, let version = tool.version(answer) else { return nil }
    (self.path, self.version) = (path, version)
  }
}

extension LinuxTool {
  /// The version in what a tool says of it, as its results have it; nil where that makes no sense.
  func version(_ answer: [UInt8]) -> String? {
    let line = String(decoding: answer, as: UTF8.self).split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
    let words = line.trimmed.split(separator: " ")
    // What follows iperf3's is its library's.
    let version = (self == .iperf3 ? words.prefix(2) : words[...]).joined(separator: " ")
    let start =
      switch self {
      case .fio: "fio-"
      case .iperf3: "iperf 3."
      case .perf: "perf version "
      }
    return version.hasPrefix(start) && version.utf8.count <= Self.longestVersion ? String(version.printable) : nil
  }

  private static var longestVersion: Int { 80 }
}
