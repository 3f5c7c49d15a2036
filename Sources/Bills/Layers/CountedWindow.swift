/// What the emulator's plugin counted from the opening of one of the probe's windows to its closing.
struct CountedWindow: Sendable, Equatable {
  /// Code that begins at an address.
  struct Block: Sendable, Equatable {
    let address: UInt64
    /// Of all executions.
    let instructions: UInt64
    /// How often it was begun.
    let executions: UInt64
  }

  /// Instructions in all.
  let total: UInt64
  var blocks: [Block] = []

  /// How often the code at an address was begun.
  func executions(at address: UInt64) -> UInt64 {
    blocks.reduce(0) { $1.address == address ? $0 &+ $1.executions : $0 }
  }

  /// The windows of the plugin's file, in the order in which they closed; nil where it is no such file. A last line that was cut short is
  /// left out with its window.
  static func read(_ bytes: [UInt8]) -> [CountedWindow]? {
    var windows: [CountedWindow] = []
    for line in bytes.split(separator: 0x0a) {
      let words = line.split(separator: 0x20).map { String(decoding: $0, as: UTF8.self) }
      if words.first == "window" {
        guard words.count == 2, let total = UInt64(words[1]) else { return nil }
        windows.append(CountedWindow(total: total))
      } else {
        guard !windows.isEmpty, words.count == 3, let address = UInt64(words[0], radix: 16),
          let instructions = UInt64(words[1]), let executions = UInt64(words[2])
        else { return nil }
        windows[windows.count - 1].blocks.append(
          Block(address: address, instructions: instructions, executions: executions))
      }
    }
    return windows
  }
}
