import ArgumentParser
import Bundles
import Fleet
import LinuxSystem
import Results
import Runner

/// Whose bundles count.
struct FleetSigner: ParsableArguments {
  @Option(
    help:
      "The public key in PEM that must have signed every bundle; results without one are left out then. That of most bundles unless given."
  )
  var publicKey: String?

  /// A reader that verifies bundles on the way.
  func reader() throws -> FleetReader {
    var key: VerifyingKey?
    do throws(BundleError) { if let publicKey { key = try VerifyingKey.read(publicKey) } } catch { throw end(error) }
    return FleetReader(latest: WallClock.now.text, isSignatureNeeded: key != nil) { [key] path in
      BundleVerifier.unpack(path, key: key)
    }
  }
}

extension BundleVerifier {
  /// The measured result in a bundle that is what it says.
  static func unpack(_ path: String, key: VerifyingKey?) -> Result<FleetReader.Unpacked, FleetProblem> {
    do throws(BundleError) {
      let (verification, result) = try BundleVerifier.result(path, key: key, tool: Tool.record)
      if let first = verification.findings.first { return .failure(problem(path, "\(first)")) }
      guard let result, let signer = verification.signer else {
        return .failure(.init(path, "the bundle holds no \(ResultStore.fileName)"))
      }
      return .success(.init(result: result, signer: signer))
    } catch { return .failure(problem(path, "\(error)")) }
  }

  /// What is wrong with a bundle, its path said once.
  private static func problem(_ path: String, _ text: String) -> FleetProblem {
    FleetProblem(path, text.hasPrefix("\(path): ") ? String(text.dropFirst(path.count + 2)) : text)
  }
}
