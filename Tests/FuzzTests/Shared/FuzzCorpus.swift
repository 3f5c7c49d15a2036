import Glibc
import LinuxSystem
import Results

/// Inputs that cover more than those that are right: what runs of the fuzzer found, in `Tests/FuzzCorpus`, a file for each target and a
/// line of Base64 for each input, so that thousands of them are one file that grows by lines.
enum FuzzCorpus {
  /// Bytes of the longest that is kept.
  static let longest = 1024

  private static func path(_ target: String, _ repository: String) -> String {
    "\(repository)/Tests/FuzzCorpus/\(target).txt"
  }

  /// Those of a target; none where nothing was found yet.
  static func inputs(_ target: String, repository: String) throws -> [[UInt8]] {
    let path = path(target, repository)
    guard AtomicFile.exists(path) else { return [] }
    return try String(decoding: AtomicFile.read(path), as: UTF8.self).split(separator: "\n").map { line in
      guard let bytes = Base64.decode(String(line)) else {
        throw FuzzProblem("\(path): expected Base64, found \(line)")
      }
      return bytes
    }
  }

  /// Replaces those of a target by the files of a folder.
  /// - Returns: how many there are.
  static func keep(_ target: String, folder: String, repository: String) throws -> Int {
    let inputs = try HostFiles().entries(folder).map { try AtomicFile.read("\(folder)/\($0)") }
      .filter { !$0.isEmpty && $0.count <= longest }
    let lines = Set(inputs.map { Base64.encode($0) }).sorted()
    try AtomicFile.makeDirectory("\(repository)/Tests/FuzzCorpus")
    try AtomicFile.write(Array(lines.map { "\($0)\n" }.joined().utf8), to: path(target, repository))
    return lines.count
  }
}
