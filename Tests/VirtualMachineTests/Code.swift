/// Instructions of 32-bit protected-mode code.
enum Code {
  static let spin: [UInt8] = [0xeb, 0xfe]
  static let undefined: [UInt8] = [0x0f, 0x0b]
  /// mov eax, VALUE; out PORT, eax
  static func out(_ port: UInt8, _ value: UInt32) -> [UInt8] { [0xb8] + TestGuest.words(value) + [0xe7, port] }
  /// mov al, VALUE; out PORT, al
  static func outByte(_ port: UInt8, _ value: UInt8) -> [UInt8] { [0xb0, value, 0xe6, port] }
  /// mov dx, PORT; mov al, VALUE; out dx, al
  static func outByte(wide port: UInt16, _ value: UInt8) -> [UInt8] {
    [0x66, 0xba] + TestGuest.halves(port) + [0xb0, value, 0xee]
  }
  /// mov dword [ADDRESS], VALUE
  static func store(_ address: UInt32, _ value: UInt32) -> [UInt8] { [0xc7, 0x05] + TestGuest.words(address, value) }
  /// mov eax, ADDRESS; jmp eax
  static func jump(_ address: UInt32) -> [UInt8] { [0xb8] + TestGuest.words(address) + [0xff, 0xe0] }
  /// Ends the machine with a value.
  static func exit(_ value: UInt32) -> [UInt8] { out(0xf4, value) + spin }
}
