import Foundation
import LinuxSystem
import Results
import Testing

@testable import Bundles

/// The program's reports of fleets in which some bundles are not what they say.
@Suite("A fleet of bundles")
struct FleetOfBundlesTests {
  private let folder: Folder
  private let key: SigningKey
  private let other: SigningKey
  private static let honest = ["a", "b", "c", "d", "e"]

  init() throws {
    folder = try Folder()
    key = try SigningKey.create("\(folder.path)/k")
    other = try SigningKey.create("\(folder.path)/other")
    try AtomicFile.makeDirectory("\(folder.path)/fleet")
    for host in Self.honest { try write(try Self.bundle(host, key), host) }
  }

  private static func bundle(_ host: String, _ key: SigningKey) throws -> [UInt8] {
    try BundleCreator.pack(try MadeUpQualification.files(run: host), key: key)
  }

  private func path(_ host: String) -> String { "\(folder.path)/fleet/\(host).tar.zst" }

  private func write(_ bundle: [UInt8], _ host: String) throws { try AtomicFile.write(bundle, to: path(host)) }

  /// A host's bundle with its files changed, and signed by nobody anew.
  private func changed(_ host: String, _ change: (inout [String: [UInt8]]) throws -> Void) throws -> [UInt8] {
    var files = try ArchiveReader.unpack(try Self.bundle(host, key))
    try change(&files)
    return try ArchiveWriter.pack(files)
  }

  private func report(_ more: [String] = []) throws -> Program.Outcome {
    try Program.run(
      Program.nearmetal,
      [
        "fleet", "report", "\(folder.path)/fleet", "--csv", "\(folder.path)/fleet.csv", "--output",
        "\(folder.path)/page",
      ]
        + more)
  }

  /// Hosts that have a figure in the report's table.
  private func reported() throws -> Set<String> {
    let table = String(decoding: try AtomicFile.read("\(folder.path)/fleet.csv"), as: UTF8.self)
    return Set(
      table.split(whereSeparator: \.isNewline).dropFirst().compactMap { line in
        // The group's name has commas in it, and quotes for them.
        line.split(separator: "\"", maxSplits: 2).last?.split(separator: ",").dropFirst().first.map(String.init)
      })
  }

  @Test func aFleetOfOneKeyIsWholeAndSaysWhoSigned() throws {
    let outcome = try report()
    #expect(outcome.status == 0, "\(outcome.output)")
    #expect(outcome.output.contains("5 bundles signed by \(key.verifying.fingerprint).\n"), "\(outcome.output)")
    #expect(try reported() == Set(Self.honest))
  }

  @Test func forgedBundlesAreNamedAndLeftOutAndTheRestIsReported() throws {
    var expected: [String: String] = [:]
    try write(try changed("flipped") { $0["manifest.sig"]![7] ^= 1 }, "flipped")
    expected["flipped"] = "manifest.sig: does not sign manifest.json"
    let rehashed = try changed("rehashed") { files in
      var manifest = try #require(Manifest.decode(files["manifest.json"] ?? []))
      let index = try #require(manifest.files.firstIndex { $0.path == "samples.csv" })
      manifest.files[index].sha256 = FileDigest.sha256([1])
      files["manifest.json"] = try manifest.encoded()
      files["manifest.sig"] = try key.sign(files["manifest.json"] ?? [])
    }
    try write(rehashed, "rehashed")
    expected["rehashed"] = "samples.csv: has the SHA-256"
    // It is whole, by somebody else's word.
    try write(try Self.bundle("foreign", other), "foreign")
    #expect(try Program.run(Program.nearmetal, ["bundle", "verify", path("foreign")]).status == 0)
    expected["foreign"] =
      "it is signed by \(other.verifying.fingerprint), and 5 of the 6 bundles are by \(key.verifying.fingerprint)"
    let whole = try Self.bundle("cut", key)
    try write(Array(whole.prefix(whole.count / 2)), "cut")
    expected["cut"] = "cannot be unpacked"
    try write([], "empty")
    expected["empty"] = "expected a bundle (tar.zst)"
    // Whole too, but for what lies beside it.
    try write(try Self.bundle("beside", key), "beside")
    try AtomicFile.write(try other.sign(try Self.bundle("beside", key)), to: path("beside") + ".sig")
    expected["beside"] = "its bytes are not those that"

    let outcome = try report()
    #expect(outcome.status == 3, "\(outcome.output)")
    #expect(outcome.output.contains("5 hosts in 1 group"), "\(outcome.output)")
    #expect(try reported() == Set(Self.honest))
    let lines = outcome.output.split(separator: "\n")
    let page = String(decoding: try AtomicFile.read("\(folder.path)/page"), as: UTF8.self)
    for (host, reason) in expected {
      let own = lines.filter { $0.hasPrefix("  \(path(host)): ") }
      #expect(own.count == 1 && own.first?.contains(reason) == true, "\(host): \(outcome.output)")
      #expect(page.contains("\(host).tar.zst"))
    }
    #expect(lines.filter { $0.contains(".tar.zst: ") }.count == expected.count, "\(outcome.output)")
  }

  /// The folder that a bundle was made of may have been changed as well as it.
  @Test func aHostWhoseBundleIsForgedIsNotTakenFromItsFolder() throws {
    let directory = "\(folder.path)/fleet/cut"
    try AtomicFile.makeDirectory(directory)
    try AtomicFile.write(
      try #require(try MadeUpQualification.files(run: "cut")["result.json"]), to: "\(directory)/result.json")
    #expect(try report().status == 0)
    #expect(try reported() == Set(Self.honest + ["cut"]))
    let whole = try Self.bundle("cut", key)
    try write(Array(whole.prefix(whole.count / 2)), "cut")
    let outcome = try report()
    #expect(outcome.status == 3, "\(outcome.output)")
    #expect(try reported() == Set(Self.honest))
    #expect(outcome.output.contains("cut/result.json: nobody signed it, and the bundle of cut is left out"))
  }

  @Test func withAKeyOnlyWhatItSignedCounts() throws {
    try write(try Self.bundle("foreign", other), "foreign")
    try AtomicFile.makeDirectory("\(folder.path)/fleet/plain")
    try AtomicFile.write(
      try #require(try MadeUpQualification.files(run: "plain")["result.json"]),
      to: "\(folder.path)/fleet/plain/result.json")
    let outcome = try report(["--public-key", "\(folder.path)/other.pub"])
    #expect(outcome.status == 3, "\(outcome.output)")
    #expect(outcome.output.contains("plain/result.json: nobody signed it: expected a bundle"), "\(outcome.output)")
    #expect(outcome.output.components(separatedBy: "not by the expected key").count == 6, "\(outcome.output)")
    #expect(outcome.output.contains("1 bundle signed by \(other.verifying.fingerprint).\n"))
    #expect(try report(["--public-key", "\(folder.path)/k"]).status == 64)
  }

  @Test func ofKeysThatEachSignedOneBundleNoneIsHeldToBeRight() throws {
    for host in Self.honest.dropFirst() {
      try write(try Self.bundle(host, try SigningKey.create("\(folder.path)/\(host).key")), host)
    }
    let outcome = try report()
    #expect(outcome.status == 0, "\(outcome.output)")
    #expect(outcome.output.contains("5 bundles signed by 5 keys, none of which signed most of them"))
    #expect(try reported() == Set(Self.honest))
  }
}
