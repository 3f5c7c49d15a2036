import Foundation
import Reports
import Results
import TestSupport
import Testing

@Suite("File formats with hostile texts", .enabled(if: Python.debian.has("html.parser"), "python3 is not here"))
struct FileFormatTests {
  /// Runs a program that reads a derived file named by its first argument.
  func inspect(_ name: String, _ result: RunResult, _ program: String) throws -> [String] {
    let path = NSTemporaryDirectory() + "nearmetal-" + UUID().uuidString + "-" + name
    defer { try? FileManager.default.removeItem(atPath: path) }
    try Data(try MadeUp.file(name, result).utf8).write(to: URL(fileURLWithPath: path))
    return try Python.debian.run(program, path, MadeUp.hostile.replacingOccurrences(of: "\0", with: "%00"))
  }

  @Test("CSV files read back with every field whole", arguments: ["samples.csv", "summary.csv", "environment.csv"])
  func csv(name: String) throws {
    let lines = try inspect(
      name, MadeUp.result(texts: MadeUp.hostile),
      """
      import csv, io, sys
      hostile = sys.argv[2].replace('%00', chr(0))
      data = open(sys.argv[1], encoding='utf-8', newline='').read()
      rows = list(csv.reader(io.StringIO(data, newline=''), strict=True))
      print(len({len(r) for r in rows}), len(rows), sum(f == hostile for r in rows for f in r), data.endswith(chr(13) + chr(10)))
      """)
    let expected = [
      // 6 blocks of 5 legs with two metrics, 3 without one, one with two and one with one; the vhost leg's reason is the text.
      "samples.csv": "1 97 6 True",
      // Four comparisons with bare metal and one with a peer, two metrics each; two prices of exits, and boot.
      "summary.csv": "1 14 0 True",
      "environment.csv": "1 18 4 True",
    ]
    #expect(lines == [expected[name] ?? ""])
  }

  @Test("junit.xml is well-formed, keeps the reasons and counts its cases")
  func junit() throws {
    let lines = try inspect(
      "junit.xml", MadeUp.result(texts: MadeUp.hostile),
      """
      import sys, xml.etree.ElementTree as tree
      hostile = sys.argv[2].replace('%00', chr(0xfffd)).replace(chr(27), chr(0xfffd))
      root = tree.parse(sys.argv[1]).getroot()
      cases = root.findall('.//testcase')
      print(root.get('tests'), root.get('failures'), len(cases))
      print(len(root.findall('.//failure')), len(root.findall('.//skipped')))
      print(all(hostile in f.get('message') and hostile in f.text for f in root.iter('failure')))
      print(root.get('name') == 'quick ' + hostile)
      """)
    #expect(lines == ["11 1 11", "1 2", "True", "True"])
  }

  @Test(
    "junit.xml keeps to the schema that Jenkins publishes",
    .enabled(if: JUnitSchema.isHere, "\(JUnitSchema.absence)"))
  func junitSchema() throws {
    for texts in [MadeUp.hostile, "plain"] {
      #expect(try JUnitSchema.problems(try MadeUp.file("junit.xml", MadeUp.result(texts: texts))) == "")
    }
    // One that does not.
    #expect(try JUnitSchema.problems("<testsuites><testcase name=\"a\"/></testsuites>").contains("testcase"))
  }

  @Test(
    "report.html holds no element, attribute or address but its own, closes what it opens, and its style and script are those of its policy"
  )
  func html() throws {
    let lines = try inspect(
      "report.html", MadeUp.result(texts: MadeUp.hostile),
      """
      import base64, hashlib, json, re, sys
      from html.parser import HTMLParser
      void = {'meta', 'br', 'link', 'img', 'input', 'hr'}
      class P(HTMLParser):
          open_, names, attributes, ids, refs, bad, links, scripts = [], set(), set(), [], [], [], set(), []
          def note(self, tag, attrs):
              self.names.add(tag)
              self.attributes |= {k for k, _ in attrs}
              self.ids += [v for k, v in attrs if k == 'id']
              self.refs += [r for k, v in attrs if k == 'aria-labelledby' for r in v.split()]
              self.links |= {v for k, v in attrs if k in ('href', 'src')}
              if tag == 'script': self.scripts.append(dict(attrs))
          def handle_starttag(self, tag, attrs):
              self.note(tag, attrs)
              if tag not in void: self.open_.append(tag)
          def handle_startendtag(self, tag, attrs): self.note(tag, attrs)
          def handle_endtag(self, tag):
              if not self.open_ or self.open_.pop() != tag: self.bad.append(tag)
      text = open(sys.argv[1], encoding='utf-8', newline='').read()
      p = P(); p.feed(text); p.close()
      print(p.scripts, sorted(a for a in p.attributes if a.startswith('on') or a in ('style', 'src')))
      print(p.bad, p.open_, len(p.ids) == len(set(p.ids)), set(p.refs) <= set(p.ids))
      targets = {l[1:] for l in p.links if l.startswith('#')}
      print(targets <= set(p.ids), sorted(l for l in p.links if not l.startswith('#')))
      def hashed(tag): return base64.b64encode(hashlib.sha256(re.search('<' + tag + '>(.*?)</' + tag + '>', text, re.S).group(1).encode()).digest()).decode()
      print("style-src 'sha256-" + hashed('style') + "'; script-src 'sha256-" + hashed('script') + "'" in text)
      print("default-src 'none'" in text, text.startswith('<!doctype html>'))
      print(len(re.findall('https?://', text)))
      data = json.loads(re.search('id="data">(.*?)</script>', text, re.S).group(1))
      print(data['schema'], data['run']['suite'] == 'quick ' + sys.argv[2].replace('%00', chr(0)))
      import xml.etree.ElementTree as tree
      plots = [tree.fromstring(s.replace('xlink:', '')) for s in re.findall('<svg class="plot".*?</svg>', text, re.S)]
      print(len(plots), all(s.find('title') is not None and s.find('desc') is not None for s in plots))
      """)
    #expect(
      lines == [
        "[{'type': 'application/json', 'id': 'data'}, {}] []", "[] [] True True", "True ['data:,']", "True",
        "True True",
        "0", "nearmetal.result/1 True", "9 True",
      ])
  }

  @Test("Tables of summary.md keep their number of columns")
  func markdown() throws {
    let lines = try inspect(
      "summary.md", MadeUp.result(texts: MadeUp.hostile),
      """
      import re, sys
      text = open(sys.argv[1], encoding='utf-8').read()
      tables = re.findall(r'(?:^\\|.*\\n)+', text, re.M)
      cells = [len({len(re.findall(r'(?<!\\\\)\\|', line)) for line in t.splitlines()}) for t in tables]
      print(len(tables), set(cells), '<' in text.split('Run it again')[0])
      """)
    #expect(lines == ["6 {1} False"])
  }

  @Test("The command of the report is one line that bash reads back as the same words")
  func command() throws {
    let text = try MadeUp.file(
      "summary.md", MadeUp.result(texts: MadeUp.hostile.replacingOccurrences(of: "\0", with: "")))
    let line = try #require(text.split(separator: "\n").last).dropFirst(4)
    #expect(!line.contains("\r") && !line.contains("\u{1b}"))
    let words = try Python.debian.run(
      """
      import subprocess, sys
      out = subprocess.run(['bash', '-c', "printf '%s\\\\0' " + sys.argv[1]], capture_output=True).stdout
      print(out.split(b'\\0')[:-1] == [b'nearmetal', b'run', sys.argv[2].replace('%00', '').encode()])
      """, String(line), MadeUp.hostile.replacingOccurrences(of: "\0", with: "%00"))
    #expect(words == ["True"])
  }
}
