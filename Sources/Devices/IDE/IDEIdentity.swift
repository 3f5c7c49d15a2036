/// The strings of IDENTIFY DEVICE (ATA8-ACS §7.16): printable ASCII, cut to the field's length.
public struct IDEIdentity: Hashable, Sendable {
  /// At most 40 characters.
  public var model: String
  /// At most 20 characters.
  public var serial: String
  /// At most 8 characters.
  public var firmware: String

  public init(model: String = "NearMetal IDE disk", serial: String = "NM0001", firmware: String = "1") {
    self.model = model
    self.serial = serial
    self.firmware = firmware
  }
}
