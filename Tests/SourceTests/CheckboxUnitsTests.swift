import Foundation
import Testing

/// The example for Checkbox, by the rules that its documentation has for units: records of fields between empty lines.
@Suite struct CheckboxUnitsTests {
  private typealias Unit = [String: String]
  private static let path = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "ci/examples/checkbox/nearmetal.pxu")
  /// Fields of jobs and of test plans, without the mark of what is translated.
  private static let fields: [String: Set<String>] = [
    "job": [
      "unit", "id", "category_id", "summary", "purpose", "plugin", "user", "environ", "imports", "requires", "depends",
      "after", "estimated_duration", "flags", "command",
    ],
    "test plan": ["unit", "id", "name", "description", "include"],
  ]

  struct Malformed: Error {
    let line: String
  }

  private static func units(_ text: String) throws -> [Unit] {
    var (units, unit): ([Unit], Unit) = ([], [:])
    var field: String?
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) where !line.hasPrefix("#") {
      if line.allSatisfy(\.isWhitespace) {
        if !unit.isEmpty { units.append(unit) }
        (unit, field) = ([:], nil)
      } else if line.hasPrefix(" ") {
        guard let field else { throw Malformed(line: String(line)) }
        unit[field, default: ""] += "\n\(line.dropFirst())"
      } else {
        guard let colon = line.firstIndex(of: ":") else { throw Malformed(line: String(line)) }
        let name = line[..<colon].trimmingPrefix("_")
        guard unit[String(name)] == nil else { throw Malformed(line: String(line)) }
        field = String(name)
        unit[String(name)] = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
      }
    }
    if !unit.isEmpty { units.append(unit) }
    return units
  }

  private static func units() throws -> [Unit] { try units(try String(contentsOf: path, encoding: .utf8)) }

  private static func words(_ text: String?) -> [String] {
    (text ?? "").split(whereSeparator: \.isWhitespace).map(String.init)
  }

  @Test func everyUnitHasWhatItsKindNeeds() throws {
    let units = try Self.units()
    let ids = units.compactMap { $0["id"] }
    #expect(ids.count == units.count && Set(ids).count == ids.count)
    #expect(ids.allSatisfy { $0.wholeMatch(of: /[a-z0-9\/-]+/) != nil }, "\(ids)")
    for unit in units {
      let id = unit["id"] ?? ""
      let known = try #require(Self.fields[unit["unit"] ?? ""], "\(id)")
      #expect(Set(unit.keys).isSubset(of: known), "\(id)")
      guard unit["unit"] == "job" else {
        #expect(unit["name"]?.isEmpty == false)
        continue
      }
      #expect(["shell", "attachment"].contains(unit["plugin"]), "\(id)")
      #expect(unit["command"]?.isEmpty == false && unit["purpose"]?.isEmpty == false, "\(id)")
      #expect((1...80).contains(unit["summary"]?.count ?? 0) && unit["summary"]?.contains("\n") == false, "\(id)")
      #expect((Double(unit["estimated_duration"] ?? "") ?? 0) > 0, "\(id)")
      #expect(unit["user"] == "root", "\(id)")
      #expect(unit["category_id"]?.wholeMatch(of: /[a-z.]+::[a-z_-]+/) != nil, "\(id)")
    }
  }

  @Test func whatIsReferredToIsThere() throws {
    let units = try Self.units()
    let jobs = Set(units.filter { $0["unit"] == "job" }.compactMap { $0["id"] })
    let plan = try #require(units.first { $0["unit"] == "test plan" })
    #expect(Set(Self.words(plan["include"])) == jobs)
    for unit in units {
      #expect(Set(Self.words(unit["depends"]) + Self.words(unit["after"])).isSubset(of: jobs))
      // A resource of another provider is known by the name that it is imported by.
      let imported = Self.words(unit["imports"]).last
      for match in (unit["requires"] ?? "").matches(of: /(\w+)\.\w+ ==/) {
        #expect(imported.map { $0 == match.output.1 } == true, "\(unit["id"] ?? "")")
      }
      // Jobs of root have only the variables that they ask for, and those of Checkbox.
      let asked = Set(Self.words(unit["environ"]) + ["PLAINBOX_SESSION_SHARE"])
      let used = (unit["command"] ?? "").matches(of: /\$\{?([A-Z_]+)/).map { String($0.output.1) }
      #expect(Set(used).isSubset(of: asked), "\(unit["id"] ?? ""): \(used)")
    }
  }

  @Test(arguments: [(0, 0, 0), (0, 7, 0), (0, 2, 1), (0, 64, 1), (3, 0, 1)])
  func theQuickJobFailsWhereAClaimDoes(run: Int, claims: Int, expected: Int32) throws {
    let command = try #require(try Self.units().first { $0["id"] == "nearmetal-quick" }?["command"])
    let folder = FileManager.default.temporaryDirectory.appending(path: "checkbox-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let program = "\(folder)/nearmetal"
    try "#!/bin/sh\n[ \"$1\" = run ] && exit \(run)\nexit \(claims)\n".write(
      toFile: program, atomically: true, encoding: .utf8)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program)
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [
      "-i", "PATH=\(folder):/usr/bin:/bin", "PLAINBOX_SESSION_SHARE=\(folder)", "bash", "-c", command,
    ]
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == expected)
  }

  /// All commands are scripts that a shell can read.
  @Test func commandsAreScripts() throws {
    for unit in try Self.units() where unit["command"] != nil {
      let process = Process()
      process.executableURL = URL(filePath: "/usr/bin/env")
      process.arguments = ["bash", "-n", "-c", unit["command"] ?? ""]
      try process.run()
      process.waitUntilExit()
      #expect(process.terminationStatus == 0, "\(unit["id"] ?? "")")
    }
  }
}
