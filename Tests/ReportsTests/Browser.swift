import Foundation

/// A real browser without a window: Chromium.
enum Browser {
  struct Page {
    /// The document after its scripts have run.
    let document: String
    /// What the page's console says: errors, and what the content security policy refused.
    let console: [String]
    /// Addresses that the page itself asked for, apart from its own file and from data in it.
    let requests: [String]
  }

  struct Failed: Error {
    let output: String
  }

  private static let names = ["chromium", "chromium-browser", "google-chrome"]

  static let path: String? = {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
    return names.lazy.flatMap { name in folders.map { "\($0)/\(name)" } }.first {
      FileManager.default.isExecutableFile(atPath: $0)
    }
  }()

  static let isHere = path != nil

  /// Opens a file and reads the document that came of it.
  static func open(_ file: String, _ more: [String] = []) throws -> Page {
    let log = file + ".netlog"
    let (output, errors) = try run(file, ["--dump-dom", "--log-net-log=\(log)"] + more)
    return Page(
      document: output, console: errors.split(separator: "\n").filter { $0.contains(":CONSOLE:") }.map(String.init),
      requests: try requests(log))
  }

  /// Opens a file and keeps what the browser makes of it: `--screenshot=…`, `--print-to-pdf=…`.
  static func run(_ file: String, _ more: [String]) throws -> (output: String, errors: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path ?? "")
    // Nothing leaves the machine, whatever a page or the browser itself would like. Tests may run as root, in a container.
    process.arguments =
      [
        "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-extensions", "--hide-scrollbars",
        "--host-resolver-rules=MAP * ~NOTFOUND", "--user-data-dir=\(file).profile", "--enable-logging=stderr", "--v=0",
      ] + more + ["file://\(file)"]
    let texts = ["output", "errors"].map { URL(fileURLWithPath: "\(file).\($0)") }
    for text in texts { try Data().write(to: text) }
    process.standardOutput = try FileHandle(forWritingTo: texts[0])
    process.standardError = try FileHandle(forWritingTo: texts[1])
    try process.run()
    // A browser that hangs fails the test; it does not hang it.
    let watch = DispatchWorkItem { process.terminate() }
    DispatchQueue.global().asyncAfter(deadline: .now() + 90, execute: watch)
    process.waitUntilExit()
    watch.cancel()
    let (output, errors) = (
      String(decoding: try Data(contentsOf: texts[0]), as: UTF8.self),
      String(decoding: try Data(contentsOf: texts[1]), as: UTF8.self)
    )
    guard process.terminationStatus == 0, process.terminationReason == .exit else {
      throw Failed(output: String(errors.suffix(2000)))
    }
    return (output, errors)
  }

  /// The browser's own requests (its clock, its dictionaries) have no page as their initiator.
  private static func requests(_ log: String) throws -> [String] {
    struct Log: Decodable {
      struct Constants: Decodable {
        var logEventTypes: [String: Int]
      }
      struct Event: Decodable {
        struct Parameters: Decodable {
          var url: String?
          var initiator: String?
        }
        var type: Int
        var params: Parameters?
      }
      var constants: Constants
      var events: [Event]
    }
    let decoded = try JSONDecoder().decode(Log.self, from: Data(contentsOf: URL(fileURLWithPath: log)))
    let start = decoded.constants.logEventTypes["URL_REQUEST_START_JOB"]
    return decoded.events.filter { $0.type == start }.compactMap { event in
      guard let url = event.params?.url, let initiator = event.params?.initiator else { return nil }
      return initiator == "not an origin" ? nil : url
    }
  }
}
