import History
import LinuxSystem
import Results

/// `history.json` in a run's directory: what earlier runs of the same host measured, as it was known when the report was made
/// with it. It stands beside `result.json` so that the page can be made again, byte for byte, without the store that it came
/// from. A directory without it has a report without history.
public enum HistoryFile {
  public static let name = "history.json"

  /// Keeps the series that a run's report shows, ratios to bare metal of its workloads' headline metrics on its own host, and
  /// looks for the places where they changed.
  public static func write(_ series: [HistorySeries], of result: RunResult, to directory: String) throws(ReportError) {
    let headlines = Dictionary(
      WorkloadSeries.all(result).map { ($0.workload, $0.primary?.name) }, uniquingKeysWith: { first, _ in first })
    var kept = series.filter { series in
      series.host == result.host.fingerprint && series.reference == .native
        && headlines[series.workload] == series.metric
    }
    for index in kept.indices { kept[index].detectChanges() }
    let bytes: [UInt8]
    do throws(JSONProblem) { bytes = try JSONText.encode(kept) } catch {
      throw .template(name: name, reason: "\(error)")
    }
    do throws(FileError) { try AtomicFile.write(bytes, to: "\(directory)/\(name)") } catch { throw .file(error) }
  }

  /// The series that a directory holds; none where there is no such file.
  public static func read(_ directory: String) throws(ReportError) -> [HistorySeries] {
    let path = "\(directory)/\(name)"
    guard AtomicFile.exists(path) else { return [] }
    let bytes: [UInt8]
    do throws(FileError) { bytes = try AtomicFile.read(path) } catch { throw .file(error) }
    do throws(JSONProblem) { return try JSONText.decode(from: bytes) } catch {
      throw .history(path: path, reason: "\(error)")
    }
  }
}
