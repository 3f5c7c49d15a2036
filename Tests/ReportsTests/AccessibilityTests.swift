import Foundation
import Reports
import Results
import Testing

/// The pages by the rules that can be checked by a program (WCAG 2.2; the success criterion stands beside each rule), in a real browser.
/// Contrast has tests of its own.
@Suite("Accessibility", .serialized, .enabled(if: Browser.isHere, "chromium is absent (ci/packages.txt has it)"))
struct AccessibilityTests {
  /// What breaks a rule is written into an element of its own.
  private static let script = #"""
    const found = [];
    const report = (rule, node) => found.push(rule + ": " + (node.outerHTML || "").replace(/\s+/g, " ").slice(0, 120));
    const all = query => Array.from(document.querySelectorAll(query));
    const named = node => {
      const by = (node.getAttribute("aria-labelledby") || "").split(" ").filter(id => id).map(id => document.getElementById(id));
      return (node.getAttribute("aria-label") || "").trim() || by.some(other => other && other.textContent.trim())
        || Array.from(node.children).some(child => child.tagName.toLowerCase() === "title" && child.textContent.trim())
        || (node.getAttribute("alt") || "").trim();
    };
    if (!document.documentElement.lang) report("3.1.1 the page has no language", document.documentElement);
    if (!document.title.trim()) report("2.4.2 the page has no title", document.head);
    if (all("main").length !== 1) report("1.3.1 the page has not one main part", document.body);
    if (all("h1").length !== 1) report("1.3.1 the page has not one main heading", document.body);
    let level = 0;
    for (const heading of all("h1,h2,h3,h4,h5,h6")) {
      const own = Number(heading.tagName[1]);
      if (own > level + 1) report("1.3.1 a level of headings is left out before", heading);
      if (!heading.textContent.trim()) report("2.4.6 a heading is empty", heading);
      level = own;
    }
    const ids = new Set();
    for (const node of all("[id]")) {
      if (ids.has(node.id)) report("4.1.2 an id is there twice", node);
      ids.add(node.id);
    }
    for (const name of ["aria-labelledby", "aria-describedby", "aria-controls"])
      for (const node of all("[" + name + "]"))
        for (const id of node.getAttribute(name).split(" "))
          if (id && !document.getElementById(id)) report("1.3.1 " + name + " names nothing", node);
    for (const node of all("svg,img"))
      if (!node.closest("[aria-hidden=true]") && node.getAttribute("role") !== "presentation" && !named(node))
        report("1.1.1 an image has no name", node);
    for (const node of all("a[href],button,summary"))
      if (!node.textContent.trim() && !named(node)) report("2.4.4 or 4.1.2 a control has no name", node);
    for (const node of all("input,select,textarea"))
      if (!named(node) && !(node.labels && node.labels.length)) report("1.3.1 a field has no label", node);
    for (const node of all("a[href^='#']")) {
      const id = decodeURIComponent(node.getAttribute("href").slice(1));
      if (id && !document.getElementById(id)) report("2.4.1 a link leads nowhere", node);
    }
    for (const node of all("table")) {
      const place = node.closest("section,details,main") || document.body;
      if (!node.caption && !named(node) && !place.querySelector("h2,h3,h4,h5,h6,summary"))
        report("1.3.1 a table has neither a name nor a heading", node);
      if (!node.querySelector("th")) report("1.3.1 a table has no headers", node);
    }
    for (const node of all("th")) if (node.textContent.trim() && !node.scope) report("1.3.1 a header has no scope", node);
    for (const node of all("[tabindex]")) if (node.tabIndex > 0) report("2.4.3 an order of its own", node);
    for (const node of all("[title]"))
      if (!node.textContent.trim() && !named(node) && node.tagName !== "IFRAME") report("1.1.1 only a title names it", node);
    for (const node of all("button,summary,input,select")) {
      const box = node.getBoundingClientRect();
      if (box.width && (box.width < 24 || box.height < 24)) report("2.5.8 a target is small, " + box.width + " by " + box.height, node);
    }
    const list = document.createElement("pre");
    list.id = "violations";
    list.textContent = found.length + " found\n" + found.join("\n");
    document.body.append(list);
    """#

  /// The page without its policy, which would keep the rules' script from running.
  private func violations(_ html: String) throws -> [String] {
    let folder = NSTemporaryDirectory() + "nearmetal-rules-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let open = html.replacing(/<meta http-equiv="Content-Security-Policy"[^>]*>/.ignoresCase(), with: "")
    try Data((open + "<script>\(Self.script)</script>").utf8).write(to: URL(fileURLWithPath: "\(folder)/page.html"))
    let document = try Browser.open("\(folder)/page.html").document
    let list = try #require(document.firstMatch(of: /<pre id="violations">([^<]*)</)?.1, "the rules did not run")
    let lines = list.split(separator: "\n").map(String.init)
    #expect(lines.first?.hasSuffix(" found") == true)
    return Array(lines.dropFirst())
  }

  @Test("What breaks the rules is found")
  func control() throws {
    let page = """
      <!doctype html><html><head></head><body><h1>a</h1><h3>b</h3><svg></svg><button></button><table><tr><td>1</td></tr></table>
      <p id="x"></p><p id="x"></p><a href="#none">there</a><input></body></html>
      """
    let found = try violations(page)
    for rule in [
      "3.1.1", "2.4.2", "one main part", "left out", "twice", "1.1.1", "no name", "no headers", "nowhere", "no label",
    ] {
      #expect(found.contains { $0.contains(rule) }, "\(rule)")
    }
  }

  @Test("The report of a real run breaks none")
  func report() throws {
    let sample = try ResultStore.read(
      URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../Reports/sample")
        .standardizedFileURL.path)
    let found = try violations(try MadeUp.file("report.html", sample))
    #expect(found.isEmpty, "\(found)")
  }

  @Test("Nor does a report with claims, hostile texts and failed legs, or runs side by side, or a fleet's page")
  func others() throws {
    let result = MadeUp.result(texts: MadeUp.hostile)
    let comparison = String(
      decoding: try ComparisonPage.render(RunComparison([("a", result), ("b", result)])), as: UTF8.self)
    for page in [try MadeUp.file("report.html", result), comparison, try MadeUp.fleetPage(MadeUp.hostile)] {
      let found = try violations(page)
      #expect(found.isEmpty, "\(found)")
    }
  }
}
