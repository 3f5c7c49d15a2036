import Definitions
import Qualification
import Results
import Verdicts

/// Whether a bundle's profile is the one that its name promises: whoever makes a bundle may have changed it.
enum ShippedProfile {
  /// Sentences; none where the program has no profile of that name, or has the same.
  static func remarks(_ bytes: [UInt8]) -> [String] {
    guard let profile = try? ProfileReader.parse(bytes, path: QualificationRecord.profileName),
      ProfileReader.shipped.contains(profile.name), let shipped = try? ProfileReader.read(profile.name),
      shipped.sha256 != profile.sha256
    else { return [] }
    let head = "the profile is not the \(profile.name) that comes with this program"
    let laxer = laxerRequirements(profile, than: shipped)
    return laxer.isEmpty ? [head] : [head] + laxer
  }

  private static func laxerRequirements(_ profile: Profile, than shipped: Profile) -> [String] {
    let kept = requirements(profile)
    var found: [String] = []
    for (id, needed) in requirements(shipped) {
      guard let own = kept.first(where: { $0.0 == id })?.1 else {
        found.append("it does not ask for \(id), \(phrase(needed)) there")
        continue
      }
      if rank(own) < rank(needed) { found.append("\(id) is \(phrase(own)) in it, and \(phrase(needed)) there") }
    }
    for claim in shipped.claims {
      guard let own = profile.claims.first(where: { $0.id == claim.id }) else { continue }
      if claim.test == .count, own.margin > claim.margin {
        found.append("\(claim.id) allows \(own.margin) for one operation in it, and \(claim.margin) there")
      } else if claim.test != .count, own.margin < claim.margin {
        found.append("\(claim.id) asks for \(own.margin) of the reference in it, and for \(claim.margin) there")
      }
    }
    return found
  }

  private static func requirements(_ profile: Profile) -> [(String, ClaimRequirement)] {
    profile.host.map { ($0.id, $0.requirement) } + profile.checks.map { ($0.id, $0.requirement) }
      + profile.claims.map { ($0.id, $0.requirement) }
  }

  private static func phrase(_ requirement: ClaimRequirement) -> String {
    switch requirement {
    case .blocker: "a blocker"
    case .nonBlocker: "no blocker"
    case .optional: "optional"
    }
  }

  private static func rank(_ requirement: ClaimRequirement) -> Int {
    switch requirement {
    case .blocker: 2
    case .nonBlocker: 1
    case .optional: 0
    }
  }
}
