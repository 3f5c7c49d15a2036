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
    let looks = sequential.looks.filter { $0 <= blocks }
    guard !looks.isEmpty else { return nil }
    let key = Design(alpha: alpha, looks: looks.count)
    if designs[key] == nil {
      let isOver = sequential.isOver && looks.count == sequential.looks.count
      designs[key] =
        SequentialDesign(
          looksAt: looks, planned: max(sequential.planned, looks[looks.count - 1]), isOver: isOver, alpha: alpha,
          spending: spending
        ).looks
    }
    return designs[key]?.last?.level.map { (1 - $0) / 2 }
  }
}
