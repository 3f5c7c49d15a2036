/// Where a leg's two threads run and where its memory lies with respect to each other.
public enum PlacementPolicy: Equatable, Sendable, CustomStringConvertible {
  /// Two cores of one NUMA node, the device's where it has one, with the memory there; SMT siblings only where a node offers
  /// nothing else. The default.
  case sameNode
  /// Both threads as for ``sameNode``, the memory on the node farthest from them.
  case remoteNode
  /// Two hardware threads of one core, the memory on their node.
  case siblings
  /// Threads as far apart as the host allows: other nodes first, then other packages, then other cores. The memory is on the
  /// virtual CPU's node.
  case spread
  /// What is named is used; what is not is chosen as near to it as possible.
  /// - vcpu, io: CPU numbers. memory: the node of guest RAM and of the native leg's arena. device: the node on which the
  ///   disk's device has to be, or that holds a disk of backing `memory`.
  case explicit(vcpu: Int? = nil, io: Int? = nil, memory: Int? = nil, device: Int? = nil)

  /// The forms that ``init(_:)`` reads, for messages.
  public static let expected =
    "same-node, remote-node, smt-sibling, spread, two CPUs such as 0,1, or a list such as vcpu=2,io=3,memory=0,device=1"

  /// Parses one of the forms of ``expected``; nil for anything else.
  public init?(_ text: String) {
    switch text {
    case "same-node": self = .sameNode
    case "remote-node": self = .remoteNode
    case "smt-sibling": self = .siblings
    case "spread": self = .spread
    default:
      let parts = text.split(separator: ",", omittingEmptySubsequences: false)
      guard let parsed = text.contains("=") ? Self.list(parts) : Self.pair(parts) else { return nil }
      self = parsed
    }
  }

  private static func pair(_ parts: [Substring]) -> PlacementPolicy? {
    let numbers = parts.compactMap(number)
    guard parts.count == 2, numbers.count == 2 else { return nil }
    return .explicit(vcpu: numbers[0], io: numbers[1])
  }

  private static func list(_ parts: [Substring]) -> PlacementPolicy? {
    var values: [Substring: Int] = [:]
    for part in parts {
      let sides = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard sides.count == 2, ["vcpu", "io", "memory", "device"].contains(sides[0]), let value = number(sides[1]),
        values.updateValue(value, forKey: sides[0]) == nil
      else { return nil }
    }
    return .explicit(vcpu: values["vcpu"], io: values["io"], memory: values["memory"], device: values["device"])
  }

  private static func number(_ text: Substring) -> Int? {
    text.utf8.allSatisfy { (48...57).contains($0) } ? Int(text) : nil
  }

  public var description: String {
    switch self {
    case .sameNode: "same-node"
    case .remoteNode: "remote-node"
    case .siblings: "smt-sibling"
    case .spread: "spread"
    case .explicit(let vcpu, let io, let memory, let device):
      [("vcpu", vcpu), ("io", io), ("memory", memory), ("device", device)]
        .compactMap { name, value in value.map { "\(name)=\($0)" } }.joined(separator: ",")
    }
  }
}
