// Figures as a person reads them.

/// A number of bytes in the largest binary unit that divides it well: "23.5 GiB", "32 KiB".
func binarySize(_ bytes: UInt64) -> String {
  var value = Double(bytes)
  var unit = 0
  let units = ["B", "KiB", "MiB", "GiB", "TiB"]
  while value >= 1024 && unit < units.count - 1 {
    value /= 1024
    unit += 1
  }
  return "\(oneDecimal(value)) \(units[unit])"
}

/// Rounded to one decimal, which is left out when it is zero.
func oneDecimal(_ value: Double) -> String {
  let tenths = (value * 10).rounded()
  return tenths.truncatingRemainder(dividingBy: 10) == 0 ? "\(Int(tenths / 10))" : "\(tenths / 10)"
}
