import Foundation
import LinuxSystem
import Testing

/// Each target of `ci/fuzz` that takes a file: what the repository keeps of inputs that covered something, and five seconds of changes
/// to them. A trap, or an input that takes for ever, ends the tests. (Targets that take a guest's decisions are in DevicesTests.)
@Suite struct FileTargetTests {
  private static let repository = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().path
  /// Nanoseconds.
  private static let duration: UInt64 = 5_000_000_000
  /// Nanoseconds that one input may take, as long as the fuzzer allows.
  private static let longest: UInt64 = 20_000_000_000

  @Test(arguments: FuzzTarget.files.map(\.name))
  func whatItTakesIsRefusedOrUsed(name: String) throws {
    let target = try #require(FuzzTarget.files.first { $0.name == name })
    let body = try target.make()
    var slowest: UInt64 = 0
    func give(_ input: [UInt8]) {
      let begin = MonotonicClock.now
      body(input)
      slowest = max(slowest, MonotonicClock.now - begin)
    }
    let inputs = try FuzzSeeds.inputs(name, repository: Self.repository)
    let end = MonotonicClock.now + Self.duration
    for input in inputs { give(input) }
    var mutator = Mutator(inputs, seed: 1)
    while MonotonicClock.now < end { give(mutator.input()) }
    #expect(slowest < Self.longest)
  }

  @Test func mutationsOfOneSeedAreAlikeAndChange() {
    var (one, same, other) = (
      Mutator([[1, 2, 3]], seed: 1), Mutator([[1, 2, 3]], seed: 1), Mutator([[1, 2, 3]], seed: 2)
    )
    let inputs = (0..<1000).map { _ in one.input() }
    #expect(inputs == (0..<1000).map { _ in same.input() })
    #expect(inputs != (0..<1000).map { _ in other.input() })
    #expect(Set(inputs).count > 500)
    #expect(inputs.allSatisfy { $0.count <= 3 + 256 })
  }
}
