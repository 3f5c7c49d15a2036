/// Commands of the control queue and their answers (virtio 1.2 §5.1.6.5).
enum NetCommand {
  static let ok: UInt8 = 0
  static let error: UInt8 = 1

  static let receive: UInt8 = 0
  static let all: UInt8 = 0
  static let allGroups: UInt8 = 1
  static let allStations: UInt8 = 2
  static let noGroup: UInt8 = 3
  static let noStation: UInt8 = 4
  static let noBroadcast: UInt8 = 5

  static let address: UInt8 = 1
  static let setTables: UInt8 = 0
  static let setAddress: UInt8 = 1

  static let multipleQueues: UInt8 = 4
  static let setPairs: UInt8 = 0
}
