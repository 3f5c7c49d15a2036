import Definitions
import LinuxSystem
import Results

/// Decides host requirements from the evidence. Reads no file and asks no host: the same evidence always gives the same
/// outcome. What the host has not got is not supported; what it has and does not use, or has too little of, is a fail; what
/// cannot be seen is undecided.
enum HostJudge {
  struct Finding: Equatable {
    var outcome: Outcome
    var reason: String
    var remedy: String?

    init(_ outcome: Outcome, _ reason: String, _ remedy: String? = nil) {
      (self.outcome, self.reason, self.remedy) = (outcome, reason, remedy)
    }
  }

  static func decide(_ requirement: HostRequirement, _ evidence: HostEvidence) -> RequirementRecord {
    let finding = find(requirement.fact, HostEvidenceReader(evidence: evidence))
    return RequirementRecord(
      id: requirement.id, kind: .host, text: requirement.text, requirement: requirement.requirement,
      outcome: finding.outcome, reason: finding.reason, remedy: finding.remedy)
  }

  static func find(_ fact: HostFact, _ host: HostEvidenceReader) -> Finding {
    switch fact {
    case .kvm: kvm(host)
    case .virtualizationExtension: extensions(host)
    case .nestedPaging: nestedPaging(host)
    case .interruptVirtualization: interruptVirtualization(host)
    case .iommu: iommu(host)
    case .invariantTSC: invariantTSC(host)
    case .clockSourceTSC: clock(host)
    case .ecc: ecc(host)
    case .memory(let least): memory(least, host)
    case .processors(let least): processors(least, host)
    case .capability(let name, let least): capability(name, least, host)
    case .inventory(let id, let values): inventory(id, values, host)
    }
  }

  private static func kvm(_ host: HostEvidenceReader) -> Finding {
    if host.evidence.backend != .none, !host.evidence.capabilities.isEmpty {
      return Finding(.pass, "/dev/kvm answers, backend \(host.evidence.backend.rawValue)")
    }
    let reason = host.evidence.unavailable["kvm.device"] ?? "no KVM module answers"
    return Finding(.notSupported, reason, "Load the module: sudo modprobe kvm_intel, or kvm_amd.")
  }

  private static func extensions(_ host: HostEvidenceReader) -> Finding {
    switch host.flags {
    case .failure(let error): return Finding(.undecided, error.reason)
    case .success(let flags):
      if flags.contains("vmx") { return Finding(.pass, "VT-x") }
      if flags.contains("svm") { return Finding(.pass, "SVM") }
      return Finding(
        .notSupported, "the processor shows neither VT-x nor SVM",
        "Enable it in the firmware, or nested virtualization in the hypervisor below.")
    }
  }

  private static func nestedPaging(_ host: HostEvidenceReader) -> Finding {
    host.feature(
      "second-level paging", intel: (["ept"], "EPT", "ept"), amd: (["npt"], "NPT", "npt"),
      needsFlag: true)
  }

  private static func interruptVirtualization(_ host: HostEvidenceReader) -> Finding {
    // No flag tells the whole of APICv: the module turns the parameter off where the processor lacks a part of it.
    host.feature(
      "interrupt virtualization", intel: (["posted_intr"], "APICv", "enable_apicv"),
      amd: (["avic", "x2avic"], "AVIC", "avic"), needsFlag: false)
  }

  private static func iommu(_ host: HostEvidenceReader) -> Finding {
    switch host.fact("iommu.units") {
    case .failure(let error): return Finding(.undecided, error.reason)
    case .success("none"):
      return Finding(
        .notSupported, "the kernel uses no IOMMU (/sys/class/iommu is empty)",
        "Enable VT-d or AMD-Vi in the firmware, and intel_iommu=on on the kernel's command line.")
    case .success(let units): return Finding(.pass, units)
    }
  }

  private static func invariantTSC(_ host: HostEvidenceReader) -> Finding {
    switch host.fact("cpu.tsc") {
    case .failure(let error): return Finding(.undecided, error.reason)
    case .success(let text):
      let flags = Set(text.split(separator: " "))
      if flags.contains("constant_tsc"), flags.contains("nonstop_tsc") { return Finding(.pass, text) }
      let lacks = ["constant_tsc", "nonstop_tsc"].filter { !flags.contains(Substring($0)) }
      return Finding(.notSupported, "the processor does not show \(lacks.joined(separator: " and "))")
    }
  }

  private static func clock(_ host: HostEvidenceReader) -> Finding {
    inventory("clock.current", ["tsc"], host)
  }

  private static func ecc(_ host: HostEvidenceReader) -> Finding {
    if case .success(let hypervisor) = host.fact("virtualization.hypervisor"), hypervisor.hasPrefix("a hypervisor") {
      return Finding(
        .undecided, "this host is itself a guest: what it sees of memory modules is what its hypervisor wrote")
    }
    switch host.fact("memory.correction") {
    case .failure(let error):
      return Finding(
        .undecided, error.reason,
        "Load the EDAC driver of the memory controller, or run as root to read the DMI tables.")
    case .success(let text):
      // Linux names its modes NONE, EC, SECDED, S2ECD2, …; SMBIOS says which bits.
      let words = Set(text.split(separator: " ").map { $0.uppercased() })
      if !words.isDisjoint(with: ["UNKNOWN", "RESERVED"]) { return Finding(.undecided, text) }
      let lacks = !words.isDisjoint(with: ["NONE", "PARITY", "EC"])
      return Finding(lacks ? .notSupported : .pass, text)
    }
  }

  private static func memory(_ least: UInt64, _ host: HostEvidenceReader) -> Finding {
    switch host.fact("memory.bytes") {
    case .failure(let error): return Finding(.undecided, error.reason)
    case .success(let text):
      guard let bytes = UInt64(text) else { return Finding(.undecided, "\"\(text)\" is no number of bytes") }
      return Finding(bytes >= least ? .pass : .fail, "\(bytes >> 20) MiB; \(least >> 20) MiB are required")
    }
  }

  private static func processors(_ least: Int, _ host: HostEvidenceReader) -> Finding {
    switch host.fact("cpu.threads") {
    case .failure(let error): return Finding(.undecided, error.reason)
    case .success(let text):
      guard let count = Int(text) else { return Finding(.undecided, "\"\(text)\" is no number of processors") }
      return Finding(count >= least ? .pass : .fail, "\(count); \(least) required")
    }
  }

  private static func capability(_ name: String, _ least: Int, _ host: HostEvidenceReader) -> Finding {
    guard let value = host.evidence.capabilities[name] else {
      let reason = host.evidence.capabilities.isEmpty ? "KVM cannot be opened" : "\(name) is not among what is asked"
      return Finding(.undecided, reason)
    }
    if value == 0 { return Finding(.notSupported, "\(name) is absent") }
    return Finding(value >= least ? .pass : .fail, "\(value)\(least > 1 ? "; \(least) required" : "")")
  }

  private static func inventory(_ id: String, _ values: [String], _ host: HostEvidenceReader) -> Finding {
    switch host.fact(id) {
    case .failure(let error): return Finding(.undecided, error.reason)
    case .success(let text):
      let meets = values.contains(text)
      return Finding(
        meets ? .pass : .fail, meets ? text : "\(text); \(values.joined(separator: " or ")) required")
    }
  }
}
