/// What the emulator's plugin counted from the opening of one of the probe's windows to its closing.
struct CountedWindow: Sendable, Equatable {
  /// Instructions in all.
  let total: UInt64
  /// By the address of the code.
  var counts: [(address: UInt64, instructions: UInt64)] = []

  static func == (left: CountedWindow, right: CountedWindow) -> Bool {
    left.total == right.total && left.counts.elementsEqual(right.counts) { $0 == $1 }
  }

  /// The windows of the plugin's file, in the order in which they closed; nil where it is no such file. A last line that was cut short is
  /// left out with its window.
  static func read(_ bytes: [UInt8]) -> [CountedWindow]? {
    var windows: [CountedWindow] = []
    for line in bytes.split(separator: 0x0a) {
      let words = line.split(separator: 0x20).map { String(decoding: $0, as: UTF8.self) }
      guard words.count == 2, let number = UInt64(words[1]) else { return nil }
      if words[0] == "window" {
        windows.append(CountedWindow(total: number))
      } else {
        guard !windows.isEmpty, let address = UInt64(words[0], radix: 16) else { return nil }
        windows[windows.count - 1].counts.append((address, number))
      }
    }
    return windows
  }
}
