import ArgumentParser
import Fleet
import Glibc
import LinuxSystem
import Reports
import Results
import Statistics

/// The report of a fleet of whole results, legs and all: how long it takes, how large its page is and how much memory it takes.
struct Fleets: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fleet", abstract: "A fleet's report: results read, judged and made a page of.")
  /// Seconds and bytes.
  private static let bars = (time: 10.0, page: 3_000_000)

  @Option(help: "Hosts.")
  var hosts = 1000
  @Option(help: "The result that all of them are like.")
  var result = "Reports/sample/result.json"
  @Option(help: "Where their results are made, and removed again.")
  var directory = "/var/tmp"

  func validate() throws {
    guard hosts > 0 else { throw ValidationError("--hosts: expected a number above 0") }
  }

  func run() throws {
    let folder = "\(directory)/nearmetal-fleet-\(getpid())"
    defer { for host in 0..<hosts { Self.remove(folder, host) } }
    try fill(folder)
    let start = MonotonicClock.now
    var reader = FleetReader(latest: "2100-01-01T00:00:00Z") { .failure(.init($0, "no bundles here")) }
    reader.read(folder)
    reader.finish()
    let read = MonotonicClock.now
    let report = FleetReport(reader, by: .model, expected: nil, alpha: 0.01)
    let judged = MonotonicClock.now
    let page = try report.html()
    let made = MonotonicClock.now
    let seconds = [read - start, judged - read, made - judged, made - start].map { Double($0) / 1e9 }
    let peak = try HostFiles().text("/proc/self/status").split(separator: "\n").first { $0.hasPrefix("VmHWM") }
    print("\(reader.hosts.count) hosts, \(reader.leftOut.count) left out; \(peak ?? "")")
    Table.print([
      ["", "", "bar"], ["read, s", Table.number(seconds[0], 2), ""], ["judged, s", Table.number(seconds[1], 2), ""],
      ["page made, s", Table.number(seconds[2], 2), ""],
      [
        "together, s", Table.number(seconds[3], 2),
        "\(Self.bars.time) \(seconds[3] <= Self.bars.time ? "kept" : "not kept")",
      ],
      [
        "page, bytes", "\(page.utf8.count)",
        "\(Self.bars.page) \(page.utf8.count <= Self.bars.page ? "kept" : "not kept")",
      ],
    ])
    print(report.text.split(separator: "\n").first.map(String.init) ?? "")
  }

  /// Results with the legs of the one that was given, and figures that differ by a per cent; one host in a hundred is slow in one.
  private func fill(_ folder: String) throws {
    let bytes = try AtomicFile.read(result)
    let given = try ResultStore.decode(bytes, path: result)
    let legs = try Self.legs(bytes)
    var random = SeededRandom(seed: 19)
    for host in 0..<hosts {
      var own = given
      own.legs = []
      own.run.id = "run-\(host)"
      let effect = exp(0.01 * random.normal())
      for index in own.comparisons.indices {
        let slow = host % 100 == 7 && index == 3 ? 0.9 : 1
        own.comparisons[index].ratio *= effect * slow * exp(0.005 * random.normal())
        own.comparisons[index].referenceValue *= exp(0.01 * random.normal())
      }
      for index in own.summaries.indices { own.summaries[index].mean *= exp(0.01 * random.normal()) }
      var text = try ResultStore.encode(own)
      text.replaceSubrange(try Self.legsRange(text), with: legs)
      try AtomicFile.makeDirectory("\(folder)/\(Self.name(host))")
      // As they are read by the page cache's speed, they need not be on the disk.
      let path = "\(folder)/\(Self.name(host))/\(ResultStore.fileName)"
      let file = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
      guard file >= 0 else { throw Problem("cannot write \(path)") }
      defer { close(file) }
      guard unsafe write(file, text, text.count) == text.count else { throw Problem("cannot write \(path)") }
    }
  }

  private static func legs(_ text: [UInt8]) throws -> ArraySlice<UInt8> { text[try legsRange(text)] }

  /// The list of legs in a result's text as this program writes it.
  private static func legsRange(_ text: [UInt8]) throws -> Range<Int> {
    let start = [UInt8]("\n  \"legs\" : [".utf8)
    let end = [UInt8]("\n  ]".utf8)
    guard let begin = text.firstRange(of: start)?.upperBound,
      let close = text[begin...].firstRange(of: end)?.lowerBound
    else { throw Problem("the result has no list of legs") }
    return begin..<close
  }

  private static func name(_ host: Int) -> String { "host\(10000 + host)" }

  private static func remove(_ folder: String, _ host: Int) {
    try? AtomicFile.remove("\(folder)/\(name(host))/\(ResultStore.fileName)")
    unsafe rmdir("\(folder)/\(name(host))")
    unsafe rmdir(folder)
  }
}
