import ArgumentParser
import Images

/// `nearmetal image check`.
struct ImageCheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Holds an image's metadata against each other.",
    discussion: """
      Exit status: 0 nothing is wrong; 2 something is, and was not set right; 64 it cannot be read at all.

      Example: nearmetal image check disk.qcow2 --format json
      """)

  enum Repair: String, ExpressibleByArgument, CaseIterable {
    case leaks, all
    var what: CheckRepair { self == .leaks ? .leaks : .all }
  }

  @Argument(help: "The image.")
  var image: String
  @Option(
    name: [.customShort("f"), .customLong("source-format")],
    help: "vpc (vhd), vmdk or qcow2; the file says it unless given.")
  var sourceFormat: ImageFormat?
  @Option(name: [.customShort("r"), .customLong("repair")], help: "Sets right: leaks, which can lose nothing, or all.")
  var repair: Repair?
  @Option(help: "text or json.")
  var format = OutputFormat.text

  func run() throws { try Self.check(image, sourceFormat, repair?.what ?? .none, format) }

  static func check(_ image: String, _ sourceFormat: ImageFormat?, _ repair: CheckRepair, _ format: OutputFormat) throws
  {
    let report = try imageWork { () throws(ImageError) in
      try ImageCheck.check(image, format: sourceFormat, repair: repair)
    }
    switch format {
    case .json: try printJSON(report)
    case .text:
      for finding in report.findings { printLine("\(finding)") }
      let fixed = report.corruptionsFixed + report.leaksFixed
      printLine(
        "\(report.corruptions) errors, \(report.leaks) leaks\(fixed > 0 ? "; \(fixed) set right" : ""); "
          + "\(report.allocatedClusters) of \(report.totalClusters) blocks are allocated")
    }
    if !report.isClean {
      throw end(Status.failedVerdict, "\(image): \(report.findings.first ?? "not everything is right")")
    }
  }
}
