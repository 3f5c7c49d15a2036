import LinuxSystem
import Results

/// Looks things up in the evidence.
struct HostEvidenceReader {
  let evidence: HostEvidence

  /// A fact, or why it is not to be had.
  func fact(_ id: String) -> Result<String, Unavailable> {
    if let value = evidence.facts[id] { return .success(value) }
    return .failure(Unavailable(evidence.unavailable[id] ?? "the inventory has no fact \(id)"))
  }

  /// What the processor shows of virtualization.
  var flags: Result<Set<String>, Unavailable> {
    fact("virtualization.flags").map { Set($0.split(separator: " ").map(String.init)) }
  }

  /// A feature that the processor has and a parameter of its KVM module switches.
  /// - Parameter needsFlag: whether the processor lists the feature wherever it has it.
  func feature(
    _ what: String, intel: (flags: [String], name: String, parameter: String),
    amd: (flags: [String], name: String, parameter: String), needsFlag: Bool
  ) -> HostJudge.Finding {
    let flags: Set<String>
    switch self.flags {
    case .failure(let error): return HostJudge.Finding(.undecided, error.reason)
    case .success(let found): flags = found
    }
    guard let isIntel = flags.contains("vmx") ? true : flags.contains("svm") ? false : nil else {
      return HostJudge.Finding(.notSupported, "the processor shows neither VT-x nor SVM, so there is no \(what) to use")
    }
    let (own, module) = isIntel ? (intel, "kvm_intel") : (amd, "kvm_amd")
    if needsFlag, flags.isDisjoint(with: own.flags) {
      return HostJudge.Finding(.notSupported, "the processor does not show \(own.name)")
    }
    switch parameter(own.parameter, of: module) {
    case .failure(let error): return HostJudge.Finding(.undecided, error.reason)
    case .success(let value):
      if ["Y", "1"].contains(value) { return HostJudge.Finding(.pass, "\(own.name), in use by \(module)") }
      guard ["N", "0"].contains(value) else {
        return HostJudge.Finding(.undecided, "\(module) says \(own.parameter)=\(value)")
      }
      let isThere = !flags.isDisjoint(with: own.flags)
      return HostJudge.Finding(
        isThere ? .fail : .notSupported, "\(module) does not use \(own.name) (\(own.parameter)=\(value))",
        isThere ? "Load it anew: sudo modprobe -r \(module) && sudo modprobe \(module) \(own.parameter)=1." : nil)
    }
  }

  /// A module's parameter, from "name=value" words.
  private func parameter(_ name: String, of module: String) -> Result<String, Unavailable> {
    fact("kvm.parameters.\(module)").flatMap { text in
      for word in text.split(separator: " ") where word.hasPrefix("\(name)=") {
        let value = String(word.dropFirst(name.count + 1))
        return value == "(unreadable)"
          ? .failure(Unavailable("only root may read \(module)'s parameter \(name)")) : .success(value)
      }
      return .failure(Unavailable("\(module) has no parameter \(name)"))
    }
  }
}
