import LinuxSystem
import Results
import Runner
import Verdicts
import Yams

/// Reads profiles, strictly: a field that is not known is an error, not a note to nobody.
public struct ProfileReader {
  private let path: String

  /// The profile of a path, or of the name of one that comes with the program.
  public static func read(_ profile: String) throws(ProfileError) -> Profile {
    let isPath = profile.contains("/") || profile.hasSuffix(".yaml") || profile.hasSuffix(".yml")
    let shipped = SuiteReader.shippedProfiles
    guard isPath || shipped.contains(profile) else {
      throw ProfileError(
        path: profile, line: nil, expected: "a profile's file, or one of \(shipped.joined(separator: ", "))",
        found: "neither")
    }
    let path: String
    do throws(SuiteError) { path = try SuiteReader.file(profile) } catch {
      throw ProfileError(path: error.path, line: nil, expected: error.expected, found: error.found)
    }
    let bytes: [UInt8]
    do throws(FileError) { bytes = try AtomicFile.read(path) } catch {
      throw ProfileError(path: path, line: nil, expected: "a readable file", found: "\(error.errno)")
    }
    return try parse(bytes, path: path)
  }

  /// Reads a profile from the bytes of its file.
  public static func parse(_ bytes: [UInt8], path: String) throws(ProfileError) -> Profile {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw ProfileError(path: path, line: nil, expected: "UTF-8", found: "other bytes")
    }
    let root: Node?
    do { root = try Yams.compose(yaml: text) } catch let error as YamlError {
      throw problem(error, path: path)
    } catch {
      throw ProfileError(path: path, line: nil, expected: "YAML", found: "\(error)")
    }
    guard let root else { throw ProfileError(path: path, line: 1, expected: "a profile", found: "an empty file") }
    var profile = try ProfileReader(path: path).profile(root)
    profile.bytes = bytes
    profile.sha256 = FileDigest.sha256(bytes)
    return profile
  }

  private static func problem(_ error: YamlError, path: String) -> ProfileError {
    switch error {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      return ProfileError(path: path, line: mark.line, expected: "YAML", found: problem)
    default:
      return ProfileError(path: path, line: nil, expected: "YAML", found: "\(error)".oneLine)
    }
  }

  private func profile(_ root: Node) throws(ProfileError) -> Profile {
    let fields = try mapping(
      root, "a mapping with profile, host, checks and performance",
      known: ["profile", "summary", "host", "checks", "performance"])
    var profile = Profile(
      name: try identifier(fields["profile"], root, "profile"), summary: fields["summary"]?.string ?? "", host: [],
      checks: [], suite: nil, claims: [], sha256: "", bytes: [])
    for node in try list(fields["host"], "a list of host requirements") {
      profile.host.append(try hostRequirement(node))
    }
    for node in try list(fields["checks"], "a list of checks") { profile.checks.append(try check(node)) }
    if let node = fields["performance"] { try performance(node, &profile) }
    let ids = profile.host.map(\.id) + profile.checks.map(\.id) + profile.claims.map(\.id)
    guard !ids.isEmpty else { throw error(root, "at least one requirement", "none") }
    if let twice = ids.first(where: { id in ids.count { $0 == id } > 1 }) {
      throw error(root, "each id once", "\(twice) again")
    }
    return profile
  }

  // MARK: Parts

  private func hostRequirement(_ node: Node) throws(ProfileError) -> HostRequirement {
    let fields = try mapping(
      node, "a mapping with the fields of a host requirement",
      known: ["id", "text", "requirement", "fact", "name", "at-least", "one-of"])
    return HostRequirement(
      id: try identifier(fields["id"], node, "id"), text: try string(fields["text"], node, "text"),
      requirement: try requirement(fields["requirement"], node), fact: try fact(fields, node))
  }

  private static let plainFacts: [String: HostFact] = [
    "kvm": .kvm, "virtualization-extension": .virtualizationExtension, "nested-paging": .nestedPaging,
    "interrupt-virtualization": .interruptVirtualization, "iommu": .iommu, "invariant-tsc": .invariantTSC,
    "clock-source-tsc": .clockSourceTSC, "ecc": .ecc,
  ]

  private func fact(_ fields: Node.Mapping, _ node: Node) throws(ProfileError) -> HostFact {
    let word = try string(fields["fact"], node, "fact")
    var used: Set<String> = []
    let fact: HostFact
    switch word {
    case "memory":
      used = ["at-least"]
      guard let value = fields["at-least"], let bytes = Quantity.parse(text(value)) else {
        throw error(fields["at-least"] ?? node, "at-least: a size such as 4GiB", fields["at-least"].map(text) ?? "none")
      }
      fact = .memory(atLeast: bytes)
    case "cpus":
      used = ["at-least"]
      fact = .processors(atLeast: try integer(fields["at-least"], node, "at-least", 1...1_000_000))
    case "kvm-capability":
      used = ["at-least", "name"]
      let least = fields["at-least"] == nil ? 1 : try integer(fields["at-least"], node, "at-least", 1...Int(Int32.max))
      fact = .capability(try string(fields["name"], node, "name"), atLeast: least)
    case "inventory":
      used = ["name", "one-of"]
      let values = try list(fields["one-of"], "a list of values").map(text)
      guard !values.isEmpty else { throw error(node, "one-of: the values that meet it", "none") }
      fact = .inventory(try string(fields["name"], node, "name"), oneOf: values)
    default:
      guard let plain = Self.plainFacts[word] else {
        let known = (Self.plainFacts.keys + ["memory", "cpus", "kvm-capability", "inventory"]).sorted()
        throw error(fields["fact"] ?? node, "one of \(known.joined(separator: ", "))", word)
      }
      fact = plain
    }
    for key in ["name", "at-least", "one-of"] where fields[key] != nil && !used.contains(key) {
      throw error(fields[key] ?? node, "no \(key) for the fact \(word)", fields[key].map(text) ?? "")
    }
    return fact
  }

  private func check(_ node: Node) throws(ProfileError) -> FunctionalCheck {
    let fields = try mapping(
      node, "a mapping with the fields of a check",
      known: ["id", "text", "requirement", "check", "duration", "cpus", "share", "times"])
    let word = try string(fields["check"], node, "check")
    let (work, own): (FunctionalCheck.Work, String)
    switch word {
    case "integrity": (work, own) = (.integrity(duration: try duration(fields["duration"], node)), "duration")
    case "soak": (work, own) = (.soak(duration: try duration(fields["duration"], node)), "duration")
    case "reboot": (work, own) = (.reboot(times: try integer(fields["times"], node, "times", 1...100_000)), "times")
    case "memory": (work, own) = (.memory(share: try share(fields["share"], node)), "share")
    case "smp":
      let all = fields["cpus"].map(text) ?? "all"
      let limit = all == "all" ? nil : try integer(fields["cpus"], node, "cpus", 1...4096)
      (work, own) = (.processors(limit: limit), "cpus")
    default: throw error(fields["check"] ?? node, "one of integrity, memory, reboot, smp, soak", word)
    }
    for key in ["duration", "cpus", "share", "times"] where fields[key] != nil && key != own {
      throw error(fields[key] ?? node, "no \(key) for the check \(word)", fields[key].map(text) ?? "")
    }
    return FunctionalCheck(
      id: try identifier(fields["id"], node, "id"), text: try string(fields["text"], node, "text"),
      requirement: try requirement(fields["requirement"], node), work: work)
  }

  private func performance(_ node: Node, _ profile: inout Profile) throws(ProfileError) {
    let fields = try mapping(node, "a mapping with suite and claims", known: ["suite", "claims"])
    guard let suite = fields["suite"], let claims = fields["claims"] else {
      throw error(node, "a suite and claims", fields["suite"] == nil ? "no suite" : "no claims")
    }
    do throws(SuiteError) { profile.suite = try SuiteReader.read(suite, path: path) } catch {
      throw ProfileError(path: path, line: error.line, expected: error.expected, found: error.found)
    }
    do throws(ClaimFileError) { profile.claims = try ClaimFile.claims(claims, path: path) } catch {
      throw ProfileError(path: path, line: error.line, expected: error.expected, found: error.found)
    }
    for claim in profile.claims {
      let isMeasured = profile.suite?.entries.contains { entry in
        entry.workload == claim.workload && claim.parameters.allSatisfy { entry.parameters[$0.key] == $0.value }
      }
      guard isMeasured ?? false else {
        throw error(claims, "claims about workloads of the suite", "\(claim.id) about \(claim.workload)")
      }
    }
  }
}

// MARK: Fields

extension ProfileReader {
  private func error(_ node: Node, _ expected: String, _ found: String) -> ProfileError {
    ProfileError(path: path, line: node.mark?.line, expected: expected, found: found)
  }

  private func text(_ node: Node) -> String { node.string ?? "something that is no plain value" }

  private func mapping(_ node: Node, _ expected: String, known: [String]) throws(ProfileError) -> Node.Mapping {
    guard let mapping = node.mapping else { throw error(node, expected, text(node)) }
    for (key, _) in mapping where !known.contains(key.string ?? "") {
      throw error(key, "one of \(known.joined(separator: ", "))", text(key))
    }
    return mapping
  }

  /// Empty where there is none.
  private func list(_ node: Node?, _ expected: String) throws(ProfileError) -> [Node] {
    guard let node else { return [] }
    guard let list = node.sequence else { throw error(node, expected, text(node)) }
    return Array(list)
  }

  private func string(_ node: Node?, _ parent: Node, _ name: String) throws(ProfileError) -> String {
    let expected = Self.withArticle(name)
    guard let node else { throw error(parent, expected, "none") }
    guard let value = node.string, !value.isEmpty else { throw error(node, expected, text(node)) }
    return value
  }

  private static func withArticle(_ name: String) -> String { name == "id" ? "an id" : "a \(name)" }

  /// A name that is fit for a file's.
  private func identifier(_ node: Node?, _ parent: Node, _ name: String) throws(ProfileError) -> String {
    let id = try string(node, parent, name)
    let isPlain = id.utf8.allSatisfy {
      UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 || UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0
        || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-")
    }
    guard isPlain, !id.hasPrefix("."), !id.hasPrefix("-"), id.utf8.count <= 80 else {
      throw error(node ?? parent, "\(Self.withArticle(name)) of small letters, digits, '.' and '-', at most 80", id)
    }
    return id
  }

  private func requirement(_ node: Node?, _ parent: Node) throws(ProfileError) -> ClaimRequirement {
    let word = try string(node, parent, "requirement")
    guard let requirement = ClaimRequirement(rawValue: word) else {
      throw error(node ?? parent, "blocker, non-blocker or optional", word)
    }
    return requirement
  }

  private func integer(
    _ node: Node?, _ parent: Node, _ name: String, _ range: ClosedRange<Int>
  ) throws(ProfileError) -> Int {
    guard let node else { throw error(parent, "\(name)", "none") }
    guard let value = node.int, range.contains(value) else {
      throw error(node, "\(name): a whole number from \(range.lowerBound) to \(range.upperBound)", text(node))
    }
    return value
  }

  /// From a second to thirty days; hours and minutes as h and min.
  private func duration(_ node: Node?, _ parent: Node) throws(ProfileError) -> UInt64 {
    guard let node else { throw error(parent, "a duration", "none") }
    let value = text(node)
    let longest: UInt64 = 30 * 86_400
    for (suffix, factor) in [("min", UInt64(60)), ("h", 3600)] where value.hasSuffix(suffix) {
      if let number = UInt64(value.dropLast(suffix.count)), number >= 1, number <= longest / factor {
        return number * factor * 1_000_000_000
      }
    }
    if let number = Quantity.parse(value), (1_000_000_000...longest * 1_000_000_000).contains(number) { return number }
    throw error(node, "a duration from 1s to 720h, such as 10s, 30min or 12h", value)
  }

  private func share(_ node: Node?, _ parent: Node) throws(ProfileError) -> Double {
    guard let node else { throw error(parent, "a share", "none") }
    guard let value = node.float, value > 0, value <= 0.9 else {
      throw error(node, "a share above 0 and at most 0.9", text(node))
    }
    return value
  }
}
