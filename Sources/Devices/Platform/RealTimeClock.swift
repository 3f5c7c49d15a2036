/// The clock of a PC with its battery-backed memory, an MC146818 (Motorola MC146818A datasheet), on ports 0x70 and 0x71. It goes with
/// the host's clock, in universal time; what the guest sets is an offset to that, and lasts as long as the machine.
///
/// Once a second an update is in progress, as some guests wait for. It raises no interrupt: alarms and periodic interrupts are kept in the registers and never come.
public final class RealTimeClock: BusDevice {
  private enum Register {
    static let seconds = 0x00
    static let minutes = 0x02
    static let hours = 0x04
    static let weekday = 0x06
    static let day = 0x07
    static let month = 0x08
    static let year = 0x09
    static let statusA = 0x0a
    static let statusB = 0x0b
    static let statusC = 0x0c
    static let statusD = 0x0d
    static let century = 0x32
  }

  /// Bit of status A: the time is about to change, or does so.
  private static let isUpdating: UInt8 = 0x80
  /// How long before the change it is set, in nanoseconds: t_BUC and t_UC at 32.768 kHz.
  private static let updateTime: Int64 = 244_000 + 1_984_000
  private static let second: Int64 = 1_000_000_000

  /// Bits of status B.
  private enum Mode {
    static let is24Hours: UInt8 = 0x02
    static let isBinary: UInt8 = 0x04
    static let isSet: UInt8 = 0x80
  }

  private let now: () -> Int64
  private var offset: Int64 = 0
  private var address = 0
  private var memory = [UInt8](repeating: 0, count: 128)
  /// What the guest sees while it holds the clock still.
  private var held: CalendarTime?

  /// - Parameters:
  ///   - size: bytes of RAM, shown where firmware keeps them.
  ///   - now: nanoseconds since 1970, universal time.
  public init(memory size: UInt64, now: @escaping () -> Int64) {
    self.now = now
    memory[Register.statusA] = 0x26
    memory[Register.statusB] = Mode.is24Hours
    let below16M = min(size, 16 << 20)
    let kilobytes = UInt16(clamping: (below16M >> 10) - min(below16M >> 10, 1024))
    let chunks = UInt16(clamping: (min(size, 3 << 30) - min(size, 16 << 20)) >> 16)
    for (place, value) in [(0x15, UInt16(640)), (0x17, kilobytes), (0x30, kilobytes), (0x34, chunks)] {
      memory[place] = UInt8(value & 0xff)
      memory[place + 1] = UInt8(value >> 8)
    }
    let above4G = (size - min(size, 3 << 30)) >> 16
    for index in 0..<3 { memory[0x5b + index] = UInt8(truncatingIfNeeded: above4G >> UInt64(index * 8)) }
  }

  public func read(_ offset: UInt64, width: AccessWidth) -> UInt64 {
    guard offset == 1 else { return 0xff }
    return UInt64(register(address))
  }

  public func write(_ offset: UInt64, width: AccessWidth, value: UInt64) {
    let byte = UInt8(truncatingIfNeeded: value)
    if offset == 0 { address = Int(byte & 0x7f) } else { set(address, byte) }
  }

  private var time: CalendarTime { held ?? CalendarTime(secondsSince1970: seconds &+ offset) }

  /// Whole ones since 1970 of the host's clock, rounded down.
  private var seconds: Int64 {
    let (quotient, remainder) = now().quotientAndRemainder(dividingBy: Self.second)
    return remainder < 0 ? quotient - 1 : quotient
  }

  /// A clock that is held still does not update.
  private var isUpdating: Bool {
    let rest = now() % Self.second
    return held == nil && (rest < 0 ? rest + Self.second : rest) >= Self.second - Self.updateTime
  }

  private func register(_ index: Int) -> UInt8 {
    switch index {
    case Register.seconds: encode(time.second)
    case Register.minutes: encode(time.minute)
    case Register.hours: encodeHours(time.hour)
    case Register.weekday: encode(time.weekday)
    case Register.day: encode(time.day)
    case Register.month: encode(time.month)
    case Register.year: encode(time.year % 100)
    case Register.century: encode(time.year / 100)
    case Register.statusA: memory[index] | (isUpdating ? Self.isUpdating : 0)
    case Register.statusC: 0
    case Register.statusD: 0x80  // the battery is well
    default: memory[index]
    }
  }

  private func set(_ index: Int, _ value: UInt8) {
    switch index {
    case Register.seconds: change { $0.second = decode(value) }
    case Register.minutes: change { $0.minute = decode(value) }
    case Register.hours: change { $0.hour = decodeHours(value) }
    case Register.weekday: break
    case Register.day: change { $0.day = decode(value) }
    case Register.month: change { $0.month = decode(value) }
    case Register.year: change { $0.year = $0.year / 100 * 100 + decode(value) }
    case Register.century: change { $0.year = decode(value) * 100 + $0.year % 100 }
    case Register.statusA: memory[index] = value & 0x7f
    case Register.statusB: setMode(value)
    case Register.statusC, Register.statusD: break
    default: memory[index] = value
    }
  }

  /// Holding the clock takes the time as it stands; letting go makes what was set there the time.
  private func setMode(_ value: UInt8) {
    let holds = value & Mode.isSet != 0
    if holds, held == nil { held = time }
    memory[Register.statusB] = value
    if !holds, let set = held {
      offset = set.secondsSince1970 &- seconds
      held = nil
    }
  }

  private func change(_ body: (inout CalendarTime) -> Void) {
    var changed = time
    body(&changed)
    if held != nil { held = changed } else { offset = changed.secondsSince1970 &- seconds }
  }

  // MARK: Numbers as status B has them

  private var mode: UInt8 { memory[Register.statusB] }

  private func encode(_ value: Int) -> UInt8 {
    let value = UInt8(clamping: value)
    return mode & Mode.isBinary != 0 ? value : (value / 10) << 4 | value % 10
  }

  private func decode(_ value: UInt8) -> Int {
    mode & Mode.isBinary != 0 ? Int(value) : Int(value >> 4) * 10 + Int(value & 0xf)
  }

  /// Twelve hours have bit 7 for the afternoon.
  private func encodeHours(_ hour: Int) -> UInt8 {
    guard mode & Mode.is24Hours == 0 else { return encode(hour) }
    return encode((hour + 11) % 12 + 1) | (hour >= 12 ? 0x80 : 0)
  }

  private func decodeHours(_ value: UInt8) -> Int {
    guard mode & Mode.is24Hours == 0 else { return decode(value) }
    return decode(value & 0x7f) % 12 + (value & 0x80 != 0 ? 12 : 0)
  }
}

/// A moment in the calendar, universal time. Fields that a guest set may be out of range.
struct CalendarTime: Equatable {
  var year: Int
  var month: Int
  var day: Int
  var hour: Int
  var minute: Int
  var second: Int

  /// 1 for Sunday.
  var weekday: Int {
    let days = Self.days(year: year, month: month, day: day)
    return ((days + 4) % 7 + 7) % 7 + 1
  }

  init(secondsSince1970 seconds: Int64) {
    let day = Int(clamping: seconds >= 0 ? seconds / 86400 : (seconds - 86399) / 86400)
    let rest = Int(seconds - Int64(day) * 86400)
    (hour, minute, second) = (rest / 3600, rest / 60 % 60, rest % 60)
    // Days from 1 March of year 0, in cycles of 400 years.
    let shifted = day + 719_468
    let cycle = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfCycle = shifted - cycle * 146_097
    let yearOfCycle = (dayOfCycle - dayOfCycle / 1460 + dayOfCycle / 36_524 - dayOfCycle / 146_096) / 365
    let dayOfYear = dayOfCycle - (365 * yearOfCycle + yearOfCycle / 4 - yearOfCycle / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    self.day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    year = yearOfCycle + cycle * 400 + (month <= 2 ? 1 : 0)
  }

  var secondsSince1970: Int64 {
    Int64(Self.days(year: year, month: month, day: day)) * 86400 + Int64(hour * 3600 + minute * 60 + second)
  }

  /// Days since 1970. Years are those of a clock with two digits for the century: nothing overflows.
  private static func days(year: Int, month: Int, day: Int) -> Int {
    let shiftedYear = month <= 2 ? year - 1 : year
    let cycle = (shiftedYear >= 0 ? shiftedYear : shiftedYear - 399) / 400
    let yearOfCycle = shiftedYear - cycle * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    return cycle * 146_097 + yearOfCycle * 365 + yearOfCycle / 4 - yearOfCycle / 100 + dayOfYear - 719_468
  }
}
