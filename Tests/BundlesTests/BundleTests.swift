import Definitions
import Foundation
import Glibc
import LinuxSystem
import Qualification
import Reports
import Results
import Testing

@testable import Bundles

@Suite("Bundles")
struct BundleTests {
  private let folder: Folder
  private let key: SigningKey
  private let bundle: [UInt8]
  private let detached: [UInt8]

  init() throws {
    folder = try Folder()
    key = try SigningKey.create("\(folder.path)/k")
    bundle = try BundleCreator.pack(try MadeUpQualification.files(), key: key)
    detached = try key.sign(bundle)
  }

  private func verify(
    _ bytes: [UInt8], detached: [UInt8]? = nil, key: VerifyingKey? = nil
  ) throws -> Verification {
    try BundleVerifier.verify(bytes, detached: detached, name: "q.tar.zst", key: key, tool: MadeUpQualification.tool)
  }

  /// The bundle with files changed and its manifest made and signed anew.
  private func resigned(by key: SigningKey, _ change: (inout [String: [UInt8]]) throws -> Void) throws -> [UInt8] {
    var files = try MadeUpQualification.files()
    try change(&files)
    return try BundleCreator.pack(files, key: key)
  }

  private func places(_ report: Verification) -> [String] { report.findings.map(\.place) }

  // MARK: What is right

  @Test func anUntouchedBundleAgreesAndSaysWhoSigned() throws {
    let report = try verify(bundle, detached: detached, key: key.verifying)
    #expect(report.findings == [])
    #expect(report.signer == key.verifying.fingerprint)
    #expect(report.isSignerTrusted)
    #expect(report.qualification?.outcome == .qualified)
  }

  @Test func theSameFilesAndKeyGiveTheSameBytes() throws {
    #expect(try BundleCreator.pack(try MadeUpQualification.files(), key: key) == bundle)
    #expect(try SigningKey.read("\(folder.path)/k").sign([1, 2, 3]) == key.sign([1, 2, 3]))
  }

  @Test func aFolderIsBundledWithItsDetachedSignature() throws {
    let directory = try folder.write(try MadeUpQualification.files())
    let output = "\(folder.path)/q.tar.zst"
    let product = try BundleCreator.create(directory, key: key, output: output, tool: MadeUpQualification.tool)
    #expect(try AtomicFile.read(output) == bundle)
    #expect(product.files == (try MadeUpQualification.files().count))
    let report = try BundleVerifier.verify(output, key: nil, tool: MadeUpQualification.tool)
    #expect(report.findings == [])
    #expect(report.hasDetachedSignature)
    #expect(!report.isSignerTrusted)
  }

  @Test func aKeyIsItsOwnersAndIsNeverReplaced() throws {
    let attributes = try FileManager.default.attributesOfItem(atPath: "\(folder.path)/k")
    #expect(attributes[.posixPermissions] as? Int == 0o600)
    #expect(throws: BundleError.self) { try SigningKey.create("\(folder.path)/k") }
    #expect(try VerifyingKey.read("\(folder.path)/k.pub") == key.verifying)
    #expect(throws: BundleError.self) { try SigningKey.read("\(folder.path)/k.pub") }
  }

  // MARK: What was tampered with

  @Test func anyFlippedByteIsFound() throws {
    for place in stride(from: 0, to: bundle.count, by: 97) {
      var bytes = bundle
      bytes[place] ^= 0x10
      #expect(try !verify(bytes, detached: detached).findings.isEmpty, "byte \(place)")
    }
  }

  @Test func aFileThatIsNotTheManifestsIsNamed() throws {
    var files = try ArchiveReader.unpack(bundle)
    files["profile.yaml"]![3] ^= 1
    files["qualify.log"] = nil
    files["more.txt"] = [1]
    let found = places(try verify(try ArchiveWriter.pack(files)))
    #expect(found.contains("profile.yaml"))
    #expect(found.contains("qualify.log"))
    #expect(found.contains("more.txt"))
  }

  @Test func aChangedSampleIsFoundThoughTheManifestFits() throws {
    let changed = try resigned(by: key) { files in
      let text = String(decoding: files["samples.csv"]!, as: UTF8.self)
      files["samples.csv"] = Array(text.replacingOccurrences(of: ",97.0,", with: ",99.0,").utf8)
    }
    let report = try verify(changed)
    #expect(places(report) == ["samples.csv"])
    #expect(report.findings.first?.problem.hasPrefix("line 3 ") == true, "\(report.findings)")
  }

  @Test func aChangedLegChangesWhatIsMadeOfIt() throws {
    let changed = try resigned(by: key) { files in
      var result = try ResultStore.decode(files["result.json"]!, path: "r")
      result.legs[1].metrics[0].value = 50
      files["result.json"] = try ResultStore.encode(result)
    }
    let problems = try verify(changed).findings.map(\.description)
    #expect(problems.contains { $0.hasPrefix("result.json: comparisons: cpu.integer throughput, nearmetal guest") })
    #expect(problems.contains { $0.hasPrefix("result.json: claims: claim.cpu") })
    #expect(problems.contains { $0.hasPrefix("samples.csv: line 3") })
    #expect(problems.contains { $0.hasPrefix("qualification.json: claim.cpu is pass") })
  }

  @Test func aBetterOutcomeThanTheEvidenceIsFound() throws {
    let changed = try resigned(by: key) { files in
      let bad = CheckRecord(id: "check.smp", observations: [.init(what: "x", status: .failed, reason: "no answer")])
      files["checks/check.smp/check.json"] = try MadeUpQualification.json(bad)
    }
    let problems = try verify(changed).findings.map(\.description)
    #expect(problems.count == 2)
    #expect(problems.first?.contains("check.smp is pass") == true)
    #expect(problems.last == "qualification.json: the outcome is qualified; the evidence gives not-qualified")
  }

  @Test func anotherKeysSignatureIsFound() throws {
    let other = try SigningKey.create("\(folder.path)/other")
    // The manifest signed anew, the signer's name left as it was.
    var files = try ArchiveReader.unpack(bundle)
    files["manifest.sig"] = try other.sign(files["manifest.json"]!)
    #expect(places(try verify(try ArchiveWriter.pack(files))) == ["manifest.sig"])
    // All of it made anew by the other key: only who knows the right one can tell.
    let foreign = try resigned(by: other) { _ in }
    #expect(try verify(foreign).findings == [])
    let report = try verify(foreign, key: key.verifying)
    #expect(places(report) == ["signer.pem"])
    #expect(report.findings.first?.problem.contains(other.verifying.fingerprint) == true)
    #expect(places(try verify(foreign, detached: detached)) == ["q.tar.zst"])
  }

  @Test func aFolderThatDoesNotAgreeIsNotSigned() throws {
    var files = try MadeUpQualification.files()
    files["summary.md"]! += [0x21]
    let directory = try folder.write(files)
    #expect(throws: BundleError.self) {
      try BundleCreator.create(
        directory, key: key, output: "\(folder.path)/q.tar.zst", tool: MadeUpQualification.tool)
    }
    #expect(!AtomicFile.exists("\(folder.path)/q.tar.zst"))
  }

  @Test func nothingIsParsedThatTheExpectedKeyDidNotSign() throws {
    let other = try SigningKey.create("\(folder.path)/other")
    // Not even an archive: whoever looks into it finds that first.
    let junk = ArchiveReader.magic + [UInt8](repeating: 7, count: 100)
    let report = try verify(junk, detached: try other.sign(junk), key: key.verifying)
    #expect(report.findings.count == 1)
    #expect(report.findings.first?.problem.contains("its bytes are not those that") == true)
    // Signed by nobody, with files that cannot be parsed: the signature is all that is said.
    var files = try ArchiveReader.unpack(bundle)
    files["result.json"] = Array("[".utf8)
    files["manifest.json"]![0] ^= 1
    #expect(places(try verify(try ArchiveWriter.pack(files))) == ["manifest.sig"])
  }

  @Test func aKeyThatOthersMayReadIsRefused() throws {
    let path = "\(folder.path)/k"
    #expect(unsafe chmod(path, 0o644) == 0)
    let error = #expect(throws: BundleError.self) { try SigningKey.read(path) }
    #expect(error?.description.contains("chmod 600") == true)
  }

  @Test func anotherProfileUnderAShippedNameIsSaid() throws {
    let name = try #require(ProfileReader.shipped.first)
    let shipped = try ProfileReader.read(name)
    #expect(ShippedProfile.remarks(shipped.bytes) == [])
    let id = try #require(shipped.checks.first { $0.requirement == .blocker }?.id)
    #expect(
      ShippedProfile.remarks(shipped.bytes + Array("# another text\n".utf8))
        == ["the profile is not the \(name) that comes with this program"])
    let claim = "profile: \(name)\nhost:\n  - {id: h, text: KVM., fact: kvm, requirement: blocker}\n"
    #expect(
      ShippedProfile.remarks(Array(claim.utf8)).contains { $0.contains("it does not ask for \(id), a blocker there") })
    #expect(ShippedProfile.remarks(Array(claim.replacingOccurrences(of: name, with: "mine").utf8)) == [])
  }

  // MARK: What is no bundle

  @Test func whatIsNoBundleIsRefused() throws {
    #expect(throws: BundleError.self) { try verify(Array("hello".utf8)) }
    #expect(throws: BundleError.self) { try verify([]) }
    #expect(throws: BundleError.self) { try verify(try ArchiveWriter.pack(["a": [1]])) }
  }

  @Test func namesThatLeadElsewhereAreRefused() throws {
    for name in ["../a", "/a", "a/../b", "a//b", "a b", "."] {
      #expect(throws: ArchiveProblem.self, "\(name)") {
        _ = try ArchiveReader.unpack(try ArchiveWriter.pack([name: [1]]))
      }
    }
    #expect(try ArchiveReader.unpack(try ArchiveWriter.pack(["a/b.c": [1, 2]])) == ["a/b.c": [1, 2]])
  }
}
