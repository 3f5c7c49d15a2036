import Results
import Statistics

/// How much error each decision of a run may make.
///
/// A claim errs with (1 - level)/2 on either side, in all looks that the run takes at it. An extension that was declared takes
/// half of that at each of its two looks (Bonferroni); a run until all is decided spends it as its ``SequentialDesign`` says.
final class ErrorTable {
  private let run: RunRecord
  private var designs: [Design: [SequentialDesign.Look]] = [:]

  private struct Design: Hashable {
    let alpha: Double
    let looks: Int
  }

  init(_ run: RunRecord) { self.run = run }

  /// One-sided error of one decision taken by itself, which makes all its looks err as often as they may.
  /// - Parameters:
  ///   - level: two-sided, of the claim.
  ///   - divisor: among how many the claim shares its error.
  ///   - workload: of which it speaks.
  /// - Returns: nil where so early a look decides nothing.
  func error(level: Double, divisor: Int, _ workload: Workload) -> Double? {
    let alpha = (1 - level) / Double(divisor)
    guard let sequential = run.sequential, let spending = ErrorSpending(rawValue: sequential.spending) else {
      return alpha / 2 / Double(run.looks)
    }
    let blocks = run.blocks(of: workload)
    let looks = sequential.looks.filter { $0.blocks <= blocks }
    guard Self.isSound(looks) else { return nil }
    let key = Design(alpha: alpha, looks: looks.count)
    if designs[key] == nil {
      designs[key] =
        SequentialDesign(taken: looks.map { ($0.blocks, $0.share) }, alpha: alpha, spending: spending).looks
    }
    return designs[key]?.last?.level.map { (1 - $0) / 2 }
  }

  /// Whether looks that a file names can be those of a run.
  private static func isSound(_ looks: [SequentialRecord.Look]) -> Bool {
    guard let first = looks.first, first.blocks > 0 else { return false }
    return looks.allSatisfy { (0...1).contains($0.share) && $0.blocks <= 1_000_000 }
      && zip(looks, looks.dropFirst()).allSatisfy { $0.blocks < $1.blocks && $0.share <= $1.share }
  }
}
