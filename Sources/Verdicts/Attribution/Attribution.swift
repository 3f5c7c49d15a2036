import Results

/// Attribution: splits the time of an operation into what is known to be in it, by counts and measured costs, and says what
/// is left.
///
/// Nothing is fitted. A count comes from the leg's own counters, a cost from an `exits` workload on the same host, the device
/// from the native leg of the same block. What was not measured is not guessed: it stays in the residual, with a note.
public enum Attribution {
  /// Every split that a result allows: each disk workload that ran natively and on `nearmetal`, one record a mode, in the order
  /// of workload, parameters and mode.
  ///
  /// - Parameters:
  ///   - result: the run to explain. Its own `exits` legs give the costs, block by block.
  ///   - costs: another run on the same host, for the `exits` workloads that `result` lacks.
  ///   - level: two-sided level of the intervals, above 0 and below 1.
  public static func explain(_ result: RunResult, costs: RunResult? = nil, level: Double = 0.95) -> [AttributionRecord]
  {
    precondition(level > 0 && level < 1, "a level lies between 0 and 1")
    let table = CostTable(result, fallback: costs, level: level)
    return AttributionSubject.all(in: LegRecord.deciding(result.legs)).compactMap { subject in
      var record =
        subject.path.mode == .emulated || subject.depth == 1
        ? SerialSplit(subject, table, level).record : OverlappedSplit(subject, table, level).record
      if let note = ExitNames(subject.workload, subject.path, in: result)?.note { record.notes.append(note) }
      return record
    }
  }
}
