import CFuzzer
import Glibc
import LinuxSystem

/// Coverage-guided fuzzing by libFuzzer:  nearmetal-fuzz TARGET [OPTION OF LIBFUZZER]... [CORPUS]...
/// `nearmetal-fuzz --seeds TARGET FOLDER REPOSITORY` makes inputs to begin with (see ``FuzzSeeds``), without arguments it lists its targets.
///
/// A finding is whatever ends the process: a trap, an access that the address sanitizer sees, a request that takes longer than
/// libFuzzer's limit, or a check of a target that fails.
@main
enum Fuzz {
  /// What takes an input. Set once, before the fuzzer runs.
  nonisolated(unsafe) private static var body: ([UInt8]) -> Void = { _ in }

  static func main() {
    let arguments = CommandLine.arguments
    if arguments.count == 5, arguments[1] == "--seeds" {
      do {
        for (index, input) in try FuzzSeeds.inputs(arguments[2], repository: arguments[4]).enumerated() {
          try AtomicFile.write(input, to: "\(arguments[3])/seed-\(index)")
        }
      } catch { fatalError("\(error)") }
      return
    }
    guard arguments.count > 1, let target = FuzzTarget.all.first(where: { $0.name == arguments[1] }) else {
      for target in FuzzTarget.all { print(target.name) }
      exit(arguments.count > 1 ? 64 : 0)
    }
    do { unsafe body = try target.make() } catch { fatalError("\(target.name): \(error)") }
    var words = unsafe ([arguments[0]] + arguments[2...]).map { unsafe strdup($0) } + [nil]
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
