import ArgumentParser
import Bundles
import LinuxSystem
import Qualification
import Results

/// `nearmetal bundle`.
struct BundleCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bundle", abstract: "Packs and signs a qualification, or checks one that was handed in.",
    discussion: """
      Examples:
        nearmetal bundle create q --key k
        nearmetal bundle verify q.tar.zst --public-key k.pub
      """,
    subcommands: [Create.self, Verify.self])

  struct Create: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "create",
      abstract: "Packs and signs what nearmetal qualify left in a directory.",
      discussion: """
        Example: nearmetal bundle create q --key k

        Writes q.tar.zst, and its detached signature q.tar.zst.sig. A key that is not there is made, for its owner's eyes only;
        hand out its public half, k.pub. The same directory and key always give the same bytes.
        """)

    @Argument(help: "The qualification's directory.")
    var directory: String
    @Option(help: "An Ed25519 private key in PEM; made where it is not there.")
    var key: String
    @Option(help: "The bundle; DIRECTORY.tar.zst unless given.")
    var output: String?

    func run() throws {
      do throws(BundleError) {
        guard AtomicFile.exists("\(directory)/\(QualificationRecord.fileName)") else {
          throw .usage(
            "\(directory): expected a finished qualification (nearmetal qualify … --output \(directory)), found no "
              + QualificationRecord.fileName)
        }
        let product = try BundleCreator.create(directory, key: try signingKey(), output: target, tool: Tool.record)
        printLine(
          "\(product.path): \(product.files) files in \(product.bytes) bytes, signed by \(product.signer.fingerprint)")
      } catch {
        if case .inconsistent = error { throw end(Status.failedVerdict, error.description) }
        throw end(error)
      }
    }

    private var target: String {
      if let output { return output }
      var name = directory[...]
      while name.count > 1, name.hasSuffix("/") { name.removeLast() }
      return "\(name).tar.zst"
    }

    private func signingKey() throws(BundleError) -> SigningKey {
      if AtomicFile.exists(key) { return try SigningKey.read(key) }
      let made = try SigningKey.create(key)
      say("made the key \(key), readable by you only; keep it, and hand out \(key).pub (\(made.verifying.fingerprint))")
      return made
    }
  }

  struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "verify",
      abstract: "Checks a bundle's hashes and signature and makes every figure anew.",
      discussion: """
        Example: nearmetal bundle verify q.tar.zst --public-key k.pub

        Needs neither KVM nor a network. The exit status is 2 where anything differs, whatever the qualification's outcome.
        """)

    @Argument(help: "The bundle.")
    var bundle: String
    @Option(help: "The public key in PEM that must have signed; any key unless given.")
    var publicKey: String?
    @Option(help: "text or json.")
    var format = OutputFormat.text

    func run() throws {
      let report: Verification
      do throws(BundleError) {
        var key: VerifyingKey?
        if let publicKey { key = try VerifyingKey.read(publicKey) }
        report = try BundleVerifier.verify(bundle, key: key, tool: Tool.record)
      } catch { throw end(error) }
      switch format {
      case .json: try printJSON(report)
      case .text: try printText(VerificationText.render(report))
      }
      if let first = report.findings.first {
        let more = report.findings.count > 1 ? " (and \(report.findings.count - 1) more)" : ""
        throw end(Status.failedVerdict, "\(bundle): \(first)\(more)")
      }
    }
  }
}
