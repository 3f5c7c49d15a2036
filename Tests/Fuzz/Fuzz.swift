import CFuzzer
import Glibc
import LinuxSystem

/// Coverage-guided fuzzing by libFuzzer:  nearmetal-fuzz TARGET [OPTION OF LIBFUZZER]... [CORPUS]...
/// `nearmetal-fuzz --seeds TARGET FOLDER REPOSITORY` writes inputs to begin with (see ``FuzzSeeds``), `--keep TARGET FOLDER REPOSITORY`
/// keeps those of a folder (see ``FuzzCorpus``), without arguments it lists its targets.
///
/// A finding is whatever ends the process: a trap, an access that the address sanitizer sees, a request that takes longer than
/// libFuzzer's limit, or a check of a target that fails.
@main
enum Fuzz {
  /// Names the target to the processes that libFuzzer starts.
  private static let variable = "NEARMETAL_FUZZ_TARGET"

  /// What takes an input. Set once, before the fuzzer runs.
  nonisolated(unsafe) private static var body: ([UInt8]) -> Void = { _ in }

  private static let preparations:
    [String: @Sendable (_ target: String, _ folder: String, _ repository: String) throws -> Void] =
      [
        "--seeds": { target, folder, repository in
          for (index, input) in try FuzzSeeds.inputs(target, repository: repository).enumerated() {
            try AtomicFile.write(input, to: "\(folder)/seed-\(index)")
          }
        },
        "--keep": { target, folder, repository in
          print(try FuzzCorpus.keep(target, folder: folder, repository: repository))
        },
      ]

  static func main() {
    let arguments = CommandLine.arguments
    if arguments.count == 5, let prepare = Self.preparations[arguments[1]] {
      do { try prepare(arguments[2], arguments[3], arguments[4]) } catch { fatalError("\(error)") }
      return
    }
    // libFuzzer runs this program again to merge inputs, with the options alone.
    let inherited = unsafe getenv(Self.variable).map { unsafe String(cString: $0) }
    let name = inherited ?? arguments.dropFirst().first
    guard let target = FuzzTarget.all.first(where: { $0.name == name }) else {
      for target in FuzzTarget.all { print(target.name) }
      exit(name == nil ? 0 : 64)
    }
    unsafe setenv(Self.variable, target.name, 1)
    do { unsafe body = try target.make() } catch { fatalError("\(target.name): \(error)") }
    let options = [arguments[0]] + arguments.dropFirst(inherited == nil ? 2 : 1)
    var words = unsafe options.map { unsafe strdup($0) } + [nil]
    var count = Int32(words.count - 1)
    unsafe words.withUnsafeMutableBufferPointer { words in
      var pointer = unsafe words.baseAddress
      exit(
        unsafe LLVMFuzzerRunDriver(&count, &pointer) { data, size in
          unsafe Fuzz.body(Array(UnsafeBufferPointer(start: data, count: size)))
          return 0
        })
    }
  }
}

extension FuzzTarget {
  static var all: [FuzzTarget] { devices + files }
}

/// A target's own check failed.
func found(_ what: @autoclosure () -> String, unless holds: Bool) {
  if !holds { fatalError(what()) }
}
