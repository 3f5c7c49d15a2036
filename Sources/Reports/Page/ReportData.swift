import Foundation
import LinuxSystem
import Results

/// The run's data inside its page: `result.json` without blanks, for whoever has only the page. A page is to stay below two
/// megabytes, so what is largest and least asked for is left out first: latency histograms, then counters, then the legs.
struct ReportData {
  /// JSON that may stand in a script element.
  let json: String
  /// What was left out, as a reader is told; empty where nothing was.
  let leftOut: String
  /// What a browser calls the file that it saves.
  let fileName: String

  /// - Parameter budget: bytes that the data may take.
  init(_ result: RunResult, budget: Int) throws(ReportError) {
    var result = result
    var names: [String] = []
    var json = try Self.encode(result)
    if json.utf8.count > budget {
      names.append("latency histograms")
      for leg in result.legs.indices {
        for metric in result.legs[leg].metrics.indices { result.legs[leg].metrics[metric].histogram = nil }
      }
      json = try Self.encode(result)
    }
    if json.utf8.count > budget {
      names.append("counters")
      for leg in result.legs.indices { result.legs[leg].counters = [] }
      result.counted = nil
      json = try Self.encode(result)
    }
    if json.utf8.count > budget {
      // Comparisons and summaries hold what they say; samples.csv has each of them.
      names = ["legs with their histograms", "counters"]
      result.legs = []
      json = try Self.encode(result)
    }
    self.json = json
    fileName = ResultStore.fileName
    leftOut = names.joined(separator: " and ")
  }

  /// Any value, whole.
  init(_ value: some Encodable, fileName: String) throws(ReportError) {
    json = try Self.encode(value)
    leftOut = ""
    self.fileName = fileName
  }

  private static func encode(_ value: some Encodable) throws(ReportError) -> String {
    do throws(JSONProblem) {
      let text = String(decoding: try JSONText.encode(value, pretty: false).dropLast(), as: UTF8.self)
      // Within JSON a `<` stands in strings only; without it no text can end the element or begin a comment.
      return text.replacing(scalar: "<", with: "\\u003c")
    } catch {
      throw .template(name: "the data of the page", reason: "\(error)")
    }
  }
}
