import Foundation
import Testing

@testable import Bundles

/// Bundles against tools of other makers.
@Suite("Bundles and other tools")
struct ForeignToolTests {
  @Test(.enabled(if: Program.path("openssl") != nil, "openssl is absent"))
  func openSSLVerifiesWhatWasSigned() throws {
    let folder = try Folder()
    let key = try SigningKey.create("\(folder.path)/k")
    let bundle = try BundleCreator.pack(try MadeUpQualification.files(), key: key)
    try Data(bundle).write(to: URL(filePath: "\(folder.path)/b"))
    try Data(try key.sign(bundle)).write(to: URL(filePath: "\(folder.path)/b.sig"))
    let arguments = [
      "pkeyutl", "-verify", "-pubin", "-inkey", "\(folder.path)/k.pub", "-rawin", "-in", "\(folder.path)/b", "-sigfile",
      "\(folder.path)/b.sig",
    ]
    #expect(try Program.run("openssl", arguments).status == 0)
    try Data(bundle + [0]).write(to: URL(filePath: "\(folder.path)/b"))
    #expect(try Program.run("openssl", arguments).status != 0)
  }

  @Test(.enabled(if: Program.path("openssl") != nil, "openssl is absent"))
  func aKeyThatOpenSSLMadeSigns() throws {
    let folder = try Folder()
    #expect(try Program.run("openssl", ["genpkey", "-algorithm", "ed25519", "-out", "\(folder.path)/o"]).status == 0)
    let key = try SigningKey.read("\(folder.path)/o")
    #expect(key.verifying.verifies(try key.sign([1, 2]), of: [1, 2]))
    #expect(!key.verifying.verifies(try key.sign([1, 2]), of: [1, 3]))
  }

  @Test(
    .enabled(if: Program.path("tar") != nil && Program.path("zstd") != nil, "tar or zstd is absent"))
  func linksAndOthersOwnersAreRefused() throws {
    let folder = try Folder()
    try FileManager.default.createSymbolicLink(atPath: "\(folder.path)/link", withDestinationPath: "/etc/passwd")
    try Data([1]).write(to: URL(filePath: "\(folder.path)/plain"))
    for name in ["link", "plain"] {
      let archive = "\(folder.path)/\(name).tar.zst"
      #expect(try Program.run("tar", ["--zstd", "-cf", archive, "-C", folder.path, name]).status == 0)
      let bytes = [UInt8](try Data(contentsOf: URL(filePath: archive)))
      #expect(throws: ArchiveProblem.self) { try ArchiveReader.unpack(bytes) }
    }
  }
}
