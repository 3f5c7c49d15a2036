/// Times as results have them, as numbers that can be held against each other.
enum FleetTime {
  /// Seconds by which clocks of a fleet may differ and nobody minds.
  static let tolerance = 300

  /// Seconds since 1970 of `2026-11-22T10:15:00Z`; nil for anything else.
  static func seconds(_ text: String) -> Int? {
    guard let match = text.wholeMatch(of: /(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)Z/) else { return nil }
    let numbers = [match.1, match.2, match.3, match.4, match.5, match.6].compactMap { Int($0) }
    guard numbers.count == 6, (1...12).contains(numbers[1]), (1...31).contains(numbers[2]), numbers[3] < 24,
      numbers[4] < 60, numbers[5] <= 60
    else { return nil }
    // Days of the proleptic Gregorian calendar, its years beginning in March.
    let year = numbers[1] > 2 ? numbers[0] : numbers[0] - 1
    let month = (numbers[1] + 9) % 12
    let days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + numbers[2] - 719_469
    return days * 86400 + numbers[3] * 3600 + numbers[4] * 60 + numbers[5]
  }
}
