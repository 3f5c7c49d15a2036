import LinuxSystem
import Results
import ShippedDefinitions
import SystemPackage
import Verdicts
import Yams

/// Reads profiles: the ones that come with the program by their names, any other file by its path.
public struct ProfileReader {
  private let yaml: YAMLDocument

  /// Names of the profiles that come with the program.
  public static var shipped: [String] { Shipped.names(.profiles) }

  /// The profile of a name or a path.
  public static func read(_ profile: String) throws(DefinitionError) -> Profile {
    let path = try DefinitionFile.locate(profile, .profiles, "a profile's file")
    let bytes: [UInt8]
    do throws(FileError) { bytes = try AtomicFile.read(path) } catch {
      throw DefinitionError(path: path, expected: "a readable file", found: "\(error.errno)")
    }
    return try parse(bytes, path: path)
  }

  /// Reads a profile from the bytes of its file, which messages call `path`.
  public static func parse(_ bytes: [UInt8], path: String) throws(DefinitionError) -> Profile {
    let (document, root) = try YAMLDocument.parse(bytes, path: path, expected: "a profile")
    var profile = try ProfileReader(yaml: document).profile(root)
    profile.bytes = bytes
    return profile
  }

  private func profile(_ root: Node) throws(DefinitionError) -> Profile {
    let fields = try yaml.mapping(
      root, "a mapping with profile, host, checks and performance",
      known: ["profile", "summary", "host", "checks", "performance"])
    var profile = Profile(
      name: try yaml.identifier(fields["profile"], in: root, "profile"), summary: fields["summary"]?.string ?? "",
      host: [],
      checks: [], suite: nil, claims: [], bytes: [])
    for node in try yaml.optionalList(fields["host"], "a list of host requirements") {
      profile.host.append(try hostRequirement(node))
    }
    for node in try yaml.optionalList(fields["checks"], "a list of checks") { profile.checks.append(try check(node)) }
    if let node = fields["performance"] { try performance(node, &profile) }
    let ids = profile.host.map(\.id) + profile.checks.map(\.id) + profile.claims.map(\.id)
    guard !ids.isEmpty else { throw yaml.error(root, "at least one requirement", "none") }
    if let twice = ids.first(where: { id in ids.count { $0 == id } > 1 }) {
      throw yaml.error(root, "each id once", "\(twice) again")
    }
    return profile
  }

  // MARK: Parts

  private func hostRequirement(_ node: Node) throws(DefinitionError) -> HostRequirement {
    let fields = try yaml.mapping(
      node, "a mapping with the fields of a host requirement",
      known: ["id", "text", "requirement", "fact", "name", "at-least", "one-of"])
    return HostRequirement(
      id: try yaml.identifier(fields["id"], in: node, "id"), text: try yaml.string(fields["text"], in: node, "text"),
      requirement: try yaml.word(fields["requirement"], in: node, "requirement"), fact: try fact(fields, node))
  }

  private static let plainFacts: [String: HostFact] = [
    "kvm": .kvm, "virtualization-extension": .virtualizationExtension, "nested-paging": .nestedPaging,
    "interrupt-virtualization": .interruptVirtualization, "iommu": .iommu, "invariant-tsc": .invariantTSC,
    "clock-source-tsc": .clockSourceTSC, "ecc": .ecc,
  ]

  /// Words that a host requirement may ask for.
  static let facts = (plainFacts.keys + ["memory", "cpus", "kvm-capability", "inventory"]).sorted()

  private func fact(_ fields: Node.Mapping, _ node: Node) throws(DefinitionError) -> HostFact {
    let word = try yaml.string(fields["fact"], in: node, "fact")
    var used: Set<String> = []
    let fact: HostFact
    switch word {
    case "memory":
      used = ["at-least"]
      guard let value = fields["at-least"], let bytes = Quantity.parse(yaml.text(value)) else {
        throw yaml.error(
          fields["at-least"] ?? node, "at-least: a size such as 4GiB", fields["at-least"].map(yaml.text) ?? "none")
      }
      fact = .memory(atLeast: bytes)
    case "cpus":
      used = ["at-least"]
      fact = .processors(atLeast: try integer(fields["at-least"], in: node, "at-least", 1...1_000_000))
    case "kvm-capability":
      used = ["at-least", "name"]
      let least =
        fields["at-least"] == nil ? 1 : try integer(fields["at-least"], in: node, "at-least", 1...Int(Int32.max))
      fact = .capability(try yaml.string(fields["name"], in: node, "name"), atLeast: least)
    case "inventory":
      used = ["name", "one-of"]
      let values = try yaml.optionalList(fields["one-of"], "a list of values").map(yaml.text)
      guard !values.isEmpty else { throw yaml.error(node, "one-of: the values that meet it", "none") }
      fact = .inventory(try yaml.string(fields["name"], in: node, "name"), oneOf: values)
    default:
      guard let plain = Self.plainFacts[word] else {
        throw yaml.error(
          fields["fact"] ?? node, "one of \(Self.facts.joined(separator: ", "))", unknown: word, among: Self.facts)
      }
      fact = plain
    }
    for key in ["name", "at-least", "one-of"] where fields[key] != nil && !used.contains(key) {
      throw yaml.error(fields[key] ?? node, "no \(key) for the fact \(word)", fields[key].map(yaml.text) ?? "")
    }
    return fact
  }

  private func check(_ node: Node) throws(DefinitionError) -> FunctionalCheck {
    let fields = try yaml.mapping(
      node, "a mapping with the fields of a check",
      known: ["id", "text", "requirement", "check", "duration", "cpus", "share", "times"])
    let word = try yaml.string(fields["check"], in: node, "check")
    let (work, own): (FunctionalCheck.Work, String)
    switch word {
    case "integrity": (work, own) = (.integrity(duration: try duration(fields["duration"], node)), "duration")
    case "soak": (work, own) = (.soak(duration: try duration(fields["duration"], node)), "duration")
    case "reboot": (work, own) = (.reboot(times: try integer(fields["times"], in: node, "times", 1...100_000)), "times")
    case "memory": (work, own) = (.memory(share: try share(fields["share"], node)), "share")
    case "smp":
      let all = fields["cpus"].map(yaml.text) ?? "all"
      let limit = all == "all" ? nil : try integer(fields["cpus"], in: node, "cpus", 1...4096)
      (work, own) = (.processors(limit: limit), "cpus")
    default: throw yaml.error(fields["check"] ?? node, "one of integrity, memory, reboot, smp, soak", word)
    }
    for key in ["duration", "cpus", "share", "times"] where fields[key] != nil && key != own {
      throw yaml.error(fields[key] ?? node, "no \(key) for the check \(word)", fields[key].map(yaml.text) ?? "")
    }
    return FunctionalCheck(
      id: try yaml.identifier(fields["id"], in: node, "id"), text: try yaml.string(fields["text"], in: node, "text"),
      requirement: try yaml.word(fields["requirement"], in: node, "requirement"), work: work)
  }

  private func performance(_ node: Node, _ profile: inout Profile) throws(DefinitionError) {
    let fields = try yaml.mapping(node, "a mapping with suite and claims", known: ["suite", "claims"])
    guard let suite = fields["suite"], let claims = fields["claims"] else {
      throw yaml.error(node, "a suite and claims", fields["suite"] == nil ? "no suite" : "no claims")
    }
    profile.suite = try SuiteReader.read(suite, in: yaml)
    profile.claims = try ClaimFile.claims(claims, in: yaml)
    for claim in profile.claims {
      guard profile.suite?.entries.contains(where: { claim.workload.covers($0.workload) }) ?? false else {
        throw yaml.error(claims, "claims about workloads of the suite", "\(claim.id) about \(claim.workload)")
      }
    }
  }
}

// MARK: Fields

extension ProfileReader {
  private func integer(
    _ node: Node?, in parent: Node, _ name: String, _ range: ClosedRange<Int>
  ) throws(DefinitionError) -> Int {
    guard let node else { throw yaml.error(parent, name, "none") }
    return try yaml.integer(node, name, range)
  }

  /// From a tenth of a second to thirty days; hours and minutes as h and min.
  private func duration(_ node: Node?, _ parent: Node) throws(DefinitionError) -> UInt64 {
    guard let node else { throw yaml.error(parent, "a duration", "none") }
    let value = yaml.text(node)
    let longest: UInt64 = 30 * 86_400
    for (suffix, factor) in [("min", UInt64(60)), ("h", 3600)] where value.hasSuffix(suffix) {
      if let number = UInt64(value.dropLast(suffix.count)), number >= 1, number <= longest / factor {
        return number * factor * 1_000_000_000
      }
    }
    if let number = Quantity.parse(value), (100_000_000...longest * 1_000_000_000).contains(number) { return number }
    throw yaml.error(node, "a duration from 100ms to 720h, such as 10s, 30min or 12h", value)
  }

  private func share(_ node: Node?, _ parent: Node) throws(DefinitionError) -> Double {
    guard let node else { throw yaml.error(parent, "a share", "none") }
    guard let value = node.float, value > 0, value <= 0.9 else {
      throw yaml.error(node, "a share above 0 and at most 0.9", yaml.text(node))
    }
    return value
  }
}
