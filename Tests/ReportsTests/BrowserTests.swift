import Foundation
import Reports
import Results
import Testing

/// The pages in a real browser.
@Suite("In a browser", .serialized, .enabled(if: Browser.isHere, "chromium is absent (ci/packages.txt has it)"))
struct BrowserTests {
  /// A page in a folder of its own.
  private func withPage<T>(_ html: String, _ body: (String) throws -> T) throws -> T {
    let folder = NSTemporaryDirectory() + "nearmetal-page-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try Data(html.utf8).write(to: URL(fileURLWithPath: "\(folder)/page.html"))
    return try body("\(folder)/page.html")
  }

  /// The committed sample: a real run.
  private func sample() throws -> RunResult {
    try ResultStore.read(
      URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../Reports/sample")
        .standardizedFileURL.path)
  }

  private func count(_ part: String, in text: some StringProtocol) -> Int {
    text.components(separatedBy: part).count - 1
  }

  /// What stands between the element with an id and the end of its image.
  private func plot(_ id: String, in document: String) throws -> Substring {
    let title = try #require(document.range(of: "id=\"\(id)-t\""), "\(id)")
    let end = try #require(document.range(of: "</svg>", range: title.upperBound..<document.endIndex))
    return document[title.upperBound..<end.lowerBound]
  }

  @Test("A page that breaks its policy or asks for something is found out")
  func control() throws {
    let page = """
      <!doctype html><meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src http:">
      <img src="http://asked-by-the-page.invalid/x.png"><script>1</script>
      """
    try withPage(page) { path in
      let opened = try Browser.open(path)
      #expect(opened.console.count == 1)
      #expect(opened.requests == ["http://asked-by-the-page.invalid/x.png"])
    }
  }

  @Test("The report of a real run opens without an error or a request, and every plot has its marks")
  func report() throws {
    let result = try sample()
    let opened = try withPage(try MadeUp.file("report.html", result)) { try Browser.open($0) }
    #expect(opened.console == [])
    #expect(opened.requests == [])
    #expect(!opened.document.contains("id=\"save\" type=\"button\" data-name=\"result.json\" hidden"))

    // The forest plot has a mark for each headline ratio, the workloads' tables one for each ratio to bare metal.
    let toMetal = result.comparisons.filter { $0.reference == .native }
    var headline: [String: String] = [:]
    for leg in result.legs where leg.path.machine == .native {
      let key = leg.workload.description
      for metric in leg.metrics where headline[key] == nil {
        if toMetal.contains(where: { $0.workload == leg.workload && $0.metric == metric.name }) {
          headline[key] = metric.name
        }
      }
    }
    let primary = toMetal.filter { headline[$0.workload.description] == $0.metric }
    let tracks = opened.document.components(separatedBy: "<svg class=\"track\"").dropFirst()
    #expect(tracks.count == primary.count + toMetal.count)
    #expect(tracks.allSatisfy { count("class=\"mark ", in: $0.prefix(900)) >= 1 })

    // The run's order: a mark for each leg that counts, has a figure above zero and a series of more than one block.
    let marks = count("class=\"mark ", in: try plot("order", in: opened.document))
    let series = Dictionary(grouping: LegRecord.deciding(result.legs).filter { $0.status == .ok }) {
      "\($0.workload) \($0.workload.parameterText) \($0.path.machine) \($0.path.mode)"
    }
    #expect(marks == series.values.filter { $0.count > 1 }.reduce(0) { $0 + $1.count })
    #expect(marks > 0)

    // Blocks and latency, workload by workload.
    let workloads = Set(result.legs.map { $0.workload.description }).sorted()
    for (index, workload) in workloads.enumerated() {
      let own = primary.filter { $0.workload.description == workload }
      if !own.isEmpty {
        let blocks = own.reduce(0) { $0 + $1.blocks }
        #expect(
          count("class=\"mark ", in: try plot("w\(index + 1)-blocks", in: opened.document)) == blocks, "\(workload)")
      }
      // A curve needs ten samples beyond its second step, at six tenths of them, in every leg of its place.
      let timed = result.legs.filter { $0.workload.description == workload }
      let samples = Dictionary(grouping: timed) { "\($0.path.machine) \($0.path.mode)" }.mapValues { legs in
        legs.compactMap { leg in
          leg.metrics.compactMap(\.histogram).first.flatMap { try? LatencyDistribution($0).count }
        }
      }
      let places = samples.filter { !$0.value.isEmpty && $0.value.allSatisfy { $0 >= 16 } }
      if !places.isEmpty {
        let curves = count("class=\"curve ", in: try plot("w\(index + 1)-latency", in: opened.document))
        #expect(curves == places.count, "\(workload)")
      }
    }
  }

  @Test("Dark and light, screen and paper differ, and each shows something")
  func variants() throws {
    try withPage(try MadeUp.file("report.html", try sample())) { path in
      let size = "--window-size=1280,1600"
      for (name, more) in [
        ("light", ["--blink-settings=preferredColorScheme=1"]), ("dark", ["--blink-settings=preferredColorScheme=0"]),
      ] { _ = try Browser.run(path, ["--screenshot=\(path).\(name).png", size] + more) }
      let light = try Data(contentsOf: URL(fileURLWithPath: "\(path).light.png"))
      let dark = try Data(contentsOf: URL(fileURLWithPath: "\(path).dark.png"))
      // An empty page of this size is a few kilobytes.
      #expect(light.count > 40_000 && dark.count > 40_000)
      #expect(light != dark)
      _ = try Browser.run(path, ["--print-to-pdf=\(path).pdf", "--no-pdf-header-footer"])
      let paper = try Data(contentsOf: URL(fileURLWithPath: "\(path).pdf"))
      #expect(paper.prefix(5) == Data("%PDF-".utf8))
      #expect(paper.count > 20_000)
    }
  }

  /// Puts a page without its policy into a frame 375 pixels wide, and asks it with a script.
  private func ask(_ html: String, _ script: String) throws -> String {
    let start = try #require(html.range(of: "<meta http-equiv=\"Content-Security-Policy\""))
    let end = try #require(html.range(of: ">", range: start.upperBound..<html.endIndex))
    let open = html.replacingCharacters(in: start.lowerBound..<end.upperBound, with: "")
    let quoted = open.replacingOccurrences(of: "&", with: "&amp;").replacingOccurrences(of: "\"", with: "&quot;")
    let outer = """
      <!doctype html><body><iframe id="frame" style="width:375px;height:800px;border:0" srcdoc="\(quoted)"></iframe>
      <script>
      const frame = document.getElementById("frame");
      frame.addEventListener("load", () => {
        const page = frame.contentDocument, view = frame.contentWindow;
        const answer = (text) => { frame.remove(); document.body.textContent = "answer: " + text; };
        \(script)
      });
      </script>
      """
    let opened = try withPage(outer) { try Browser.open($0, ["--virtual-time-budget=4000"]) }
    let answer = try #require(opened.document.range(of: "answer: "), "\(opened.console)")
    let rest = opened.document[answer.upperBound...]
    return String(rest.prefix { $0 != "<" })
  }

  @Test("No page is wider than a phone, folded or open", arguments: ["report", "compare", "fleet"])
  func phone(kind: String) throws {
    let html =
      switch kind {
      case "report": try MadeUp.file("report.html", try sample())
      case "fleet": try MadeUp.fleetPage(MadeUp.hostile)
      default:
        String(
          decoding: try ComparisonPage.render(RunComparison([("one", try sample()), ("two", MadeUp.result())])),
          as: UTF8.self)
      }
    let answer = try ask(
      html,
      """
      const folded = page.documentElement.scrollWidth;
      for (const section of page.querySelectorAll("details")) section.open = true;
      answer(view.innerWidth + " " + folded + " " + page.documentElement.scrollWidth);
      """)
    #expect(answer == "375 375 375")
  }

  @Test("A fleet's strips are as large on a phone as they are drawn")
  func strips() throws {
    let answer = try ask(
      try MadeUp.fleetPage("plain"),
      """
      const widths = [...page.querySelectorAll(".strips svg.plot")].map((image) => image.getBoundingClientRect().width);
      answer([widths.length > 0, widths.every((width) => width >= 320)].join(" "));
      """)
    #expect(answer == "true true")
  }

  @Test("The button saves the data that the page holds")
  func save() throws {
    let result = try sample()
    let answer = try ask(
      try MadeUp.file("report.html", result),
      """
      view.URL.createObjectURL = (blob) => {
        blob.text().then((text) => answer(JSON.parse(text).run.id + " " + text.length));
        return "data:,";
      };
      page.getElementById("save").click();
      """)
    let parts = answer.split(separator: " ")
    #expect(parts.first.map(String.init) == result.run.id)
    #expect(parts.count == 2 && (Int(parts[1]) ?? 0) > 10_000)
  }

  @Test(
    "Headings come in order, and whatever is pressed is 24 pixels high, by a phone's width (WCAG 2.2, 1.3.1 and 2.5.8)")
  func accessible() throws {
    let answer = try ask(
      try MadeUp.file("report.html", try sample()),
      """
      for (const section of page.querySelectorAll("details")) section.open = true;
      const levels = [...page.querySelectorAll("h1, h2, h3, h4")].map((head) => Number(head.tagName[1]));
      const jumps = levels.filter((level, index) => level > (index ? levels[index - 1] : 0) + 1).length;
      const small = [...page.querySelectorAll("nav a, button, summary")]
        .filter((target) => target.offsetParent && target.getBoundingClientRect().height < 24);
      const nameless = [...page.querySelectorAll("svg[role=img]")].filter((image) => !image.querySelector("title").textContent);
      answer([levels[0], levels.filter((level) => level === 1).length, jumps, small.length, nameless.length].join(" "));
      """)
    #expect(answer == "1 1 0 0 0")
  }

  @Test(
    "Without its style, as a server's policy may have it, tracks stay as high as a line and no plot is wider than the page"
  )
  func withoutStyle() throws {
    let html = try MadeUp.file("report.html", try sample()).replacing(/(?s)<style>.*?<\/style>/, with: "")
    let answer = try ask(
      html,
      """
      const frame2 = view.document;
      for (const section of frame2.querySelectorAll("details")) section.open = true;
      const high = [...frame2.querySelectorAll("svg.track, svg.defs, svg.swatch")]
        .filter((image) => image.getBoundingClientRect().height > 24).length;
      const wide = [...frame2.querySelectorAll("svg.plot")].filter((image) => image.getBoundingClientRect().width > 1000).length;
      const filled = [...frame2.querySelectorAll("svg .curve, svg .grid, svg .interval")]
        .filter((line) => view.getComputedStyle(line).fill !== "none").length;
      answer([frame2.querySelectorAll("svg.track").length > 20, high, wide, filled].join(" "));
      """)
    #expect(answer == "true 0 0 0")
  }

  @Test("A table is sorted by the column whose head is pressed, and the other way by a second time")
  func sorting() throws {
    let answer = try ask(
      try MadeUp.file("report.html", try sample()),
      """
      const table = page.querySelector("table.claims");
      const head = table.tHead.rows[0].cells[3];
      const margins = () => [...table.tBodies[0].rows].map((row) => parseFloat(row.cells[3].textContent)).filter((m) => !isNaN(m));
      const isSorted = (list, sign) => list.every((m, index) => index === 0 || sign * (m - list[index - 1]) >= 0);
      const answers = [isSorted(margins(), 1) && isSorted(margins(), -1)];
      head.querySelector("button").click();
      answers.push(isSorted(margins(), 1), head.getAttribute("aria-sort"));
      head.querySelector("button").click();
      answers.push(isSorted(margins(), -1), head.getAttribute("aria-sort"));
      answer(answers.join(" "));
      """)
    #expect(answer == "false true ascending true descending")
  }

  @Test("The first screen of a desktop and of a phone holds the verdict, why, and the first ratios")
  func firstScreen() throws {
    let answer = try ask(
      try MadeUp.file("report.html", try sample()),
      """
      const bottom = (selector) => page.querySelector(selector).getBoundingClientRect().bottom;
      answer([bottom(".headline") < 800, bottom(".why") < 800,
        page.querySelector("#forest").getBoundingClientRect().top < page.querySelector("#claims").getBoundingClientRect().top].join(" "));
      """)
    #expect(answer == "true true true")
  }
}
