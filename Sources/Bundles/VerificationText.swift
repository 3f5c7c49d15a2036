import LinuxSystem
import Qualification

/// A verification as plain text for a terminal.
public enum VerificationText {
  public static func render(_ report: Verification) -> String {
    var lines: [String] = []
    if let signer = report.signer {
      let trust =
        report.isSignerTrusted ? "the expected key" : "compare it with one that you trust, or give it with --public-key"
      lines.append("signed by \(signer): \(trust)")
    }
    lines += report.findings.map { "differs: \($0)" }
    lines += (report.remarks ?? []).map { "note: \($0)" }
    if report.findings.isEmpty {
      let beside = report.hasDetachedSignature ? "both signatures" : "the signature"
      lines.append("\(report.files) files, \(beside), every statistic, verdict and report agree")
    }
    if let equivalents = report.qualification?.subject.equivalents, !equivalents.isEmpty {
      lines.append("declared equivalent by the vendor, untested: \(equivalents.joined(separator: ", "))")
    }
    let text = lines.map { $0.printable + "\n" }.joined()
    // An outcome that does not hold is not shown as one.
    guard report.findings.isEmpty, let record = report.qualification else { return text }
    return "\(text)\n\(QualificationText.render(record))"
  }
}
