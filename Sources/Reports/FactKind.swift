import Topology

/// What a fact means when hosts are compared.
enum FactKind {
  /// Enters the fingerprint: hosts that differ in it are not comparable.
  case identity
  /// May be the very change that is under test.
  case subject
  /// The state of a moment, or of no consequence.
  case other

  /// - Parameter id: a fact's name in the inventory: `cpu.model`.
  init(_ id: String) {
    self = Fingerprint.isIdentity(id) ? .identity : Fingerprint.isSubject(id) ? .subject : .other
  }

  var tag: String {
    switch self {
    case .identity: "fingerprint"
    case .subject: "may be under test"
    case .other: ""
    }
  }
}
