/// What a front end asks of a back end.
enum VhostUserRequest: UInt32, Sendable, CustomStringConvertible {
  case getFeatures = 1
  case setFeatures = 2
  case setOwner = 3
  case setMemoryTable = 5
  case setRingSize = 8
  case setRingAddresses = 9
  case setRingBase = 10
  case getRingBase = 11
  case setRingKick = 12
  case setRingCall = 13
  case getProtocolFeatures = 15
  case setProtocolFeatures = 16
  case getQueueCount = 17
  case setRingEnabled = 18
  case getConfiguration = 24

  /// The protocol's own name, which a back end's messages have as well.
  var description: String {
    switch self {
    case .getFeatures: "GET_FEATURES"
    case .setFeatures: "SET_FEATURES"
    case .setOwner: "SET_OWNER"
    case .setMemoryTable: "SET_MEM_TABLE"
    case .setRingSize: "SET_VRING_NUM"
    case .setRingAddresses: "SET_VRING_ADDR"
    case .setRingBase: "SET_VRING_BASE"
    case .getRingBase: "GET_VRING_BASE"
    case .setRingKick: "SET_VRING_KICK"
    case .setRingCall: "SET_VRING_CALL"
    case .getProtocolFeatures: "GET_PROTOCOL_FEATURES"
    case .setProtocolFeatures: "SET_PROTOCOL_FEATURES"
    case .getQueueCount: "GET_QUEUE_NUM"
    case .setRingEnabled: "SET_VRING_ENABLE"
    case .getConfiguration: "GET_CONFIG"
    }
  }
}
