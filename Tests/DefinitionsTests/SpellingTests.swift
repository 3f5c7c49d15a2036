import Definitions
import Testing

@Suite("Spelling")
struct SpellingTests {
  @Test(
    "A word that is near another one is taken for it",
    arguments: [
      ("block.ranread", "block.randread"), ("blokc.randread", "block.randread"), ("cpu.interger", "cpu.integer"),
      ("BOOT", "boot"), ("exits.cpuidd", "exits.cpuid"),
    ])
  func near(word: String, meant: String) {
    #expect(Spelling.nearest(word, among: WorkloadCatalog.all.map(\.id)) == meant)
  }

  @Test(
    "A word that is near none is taken for none",
    arguments: ["", "xyzzy", "quicksilver", String(repeating: "a", count: 10_000)])
  func far(word: String) {
    #expect(Spelling.nearest(word, among: WorkloadCatalog.all.map(\.id)) == nil)
    #expect(Spelling.question(word, among: ["quick"]).isEmpty)
  }

  @Test("What a file says wrongly is answered with what may have been meant")
  func files() {
    for (text, meant) in [
      ("name: s\nworkloads: [block.ranread]\n", "block.randread"),
      ("name: s\nworkloads: [{id: block.randread, parameters: {bz: 4KiB}}]\n", "bs"),
      ("name: s\nblock: 3\nworkloads: [boot]\n", "blocks"),
      ("name: s\nmachines: [nativ]\nworkloads: [cpu.integer]\n", "native"),
    ] {
      #expect(throws: DefinitionError.self) { try SuiteReader.parse(text, path: "s.yaml") }
      do { _ = try SuiteReader.parse(text, path: "s.yaml") } catch {
        #expect("\(error)".hasSuffix("; did you mean \(meant)?"), "\(error)")
      }
    }
    do { _ = try SuiteReader.read("quik") } catch { #expect("\(error)".hasSuffix("; did you mean quick?"), "\(error)") }
  }
}
