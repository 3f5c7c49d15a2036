import Definitions
import Foundation
import TestSupport
import Testing

@Suite("Schemas of what users write")
struct DefinitionSchemaTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  @Test("The published schemas are what the catalogue makes", arguments: DefinitionSchema.allCases)
  func published(schema: DefinitionSchema) throws {
    let kept = try Data(contentsOf: Self.root.appending(path: "Reports/\(schema.fileName)"))
    #expect(
      try [UInt8](kept) == schema.bytes(), "run: nearmetal suite schema \(schema.rawValue) > Reports/\(schema.fileName)"
    )
  }

  @Test(
    "Every file that comes with the program is valid by them, and mistakes are not",
    .enabled(
      if: Python.debian.has("jsonschema") && Python.debian.has("yaml"), "python3-jsonschema or python3-yaml is absent"))
  func valid() throws {
    let script = """
      import glob, json, sys, jsonschema, yaml
      root = sys.argv[1]
      count = 0
      for kind, folder in (("suite", "Suites"), ("claims", "Claims"), ("profile", "Profiles")):
          schema = json.load(open(f"{root}/Reports/{kind}.schema.json"))
          jsonschema.Draft202012Validator.check_schema(schema)
          validator = jsonschema.Draft202012Validator(schema)
          for path in glob.glob(f"{root}/Workloads/{folder}/*.yaml"):
              document = yaml.safe_load(open(path))
              for error in validator.iter_errors(document):
                  print("refused", path, list(error.path), error.message[:200])
              document["nonsense"] = 1
              if validator.is_valid(document):
                  print("accepted a field that nothing knows", path)
              count += 1
      suite = jsonschema.Draft202012Validator(json.load(open(f"{root}/Reports/suite.schema.json")))
      for workloads in (["block.ranread"], [{"id": "boot", "parameters": {"qd": 1}}], [], [{"id": "cpu.integer", "modes": ["polled"]}]):
          if suite.is_valid({"name": "s", "workloads": workloads}):
              print("accepted", workloads)
      print("files", count)
      """
    let lines = try Python.debian.run(script, Self.root.path)
    #expect(lines.count == 1 && lines[0].hasPrefix("files "), "\(lines)")
  }
}
