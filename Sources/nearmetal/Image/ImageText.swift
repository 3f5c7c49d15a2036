import Foundation

/// Words about images.
enum ImageText {
  /// A size as people say it, and exactly.
  static func size(_ bytes: UInt64) -> String {
    let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]
    var (value, unit) = (Double(bytes), 0)
    while value >= 1024, unit + 1 < units.count { (value, unit) = (value / 1024, unit + 1) }
    return "\(String(format: "%.4g", value)) \(units[unit]) (\(bytes) bytes)"
  }
}
