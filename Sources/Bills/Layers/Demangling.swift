import Glibc

/// Names of functions as a person would write them.
enum Demangling {
  private typealias Demangle =
    @convention(c) (
      UnsafePointer<CChar>?, Int, UnsafeMutablePointer<CChar>?, UnsafeMutablePointer<Int>?, UInt32
    ) -> UnsafeMutablePointer<CChar>?

  /// The Swift runtime's own, which is part of every program; nil where its library does not show it.
  private static let demangle: Demangle? = {
    guard let address = unsafe dlsym(nil, "swift_demangle") else { return nil }
    return unsafe unsafeBitCast(address, to: Demangle.self)
  }()

  /// A Swift symbol without its result: `VirtualMachine.VCPUThread.run(...)`; any other name as it is.
  static func short(_ symbol: String) -> String {
    // Embedded Swift's symbols begin with another letter.
    let name = symbol.hasPrefix("$e") ? "$s" + symbol.dropFirst(2) : symbol
    guard name.hasPrefix("$s"), let demangle = unsafe demangle,
      let text = unsafe demangle(name, name.utf8.count, nil, nil, 0)
    else { return symbol }
    defer { unsafe free(text) }
    return shortened(unsafe String(cString: text))
  }

  /// What tells private names of several files apart; and where an extension is, with what it asks of generic parameters.
  private static var discriminator: Regex<(Substring, Substring)> { /\(([^()]+) in _[0-9A-F]+\)/ }
  private static var context: Regex<Substring> { /\(extension in \w+\):|< where [^>]*>/ }

  /// Without what an optimiser's copy of a function is said to be, and without the result.
  static func shortened(_ text: String) -> String {
    var name = text[...]
    for beginning in ["generic specialization ", "function signature specialization "] where name.hasPrefix(beginning) {
      if let end = name.ranges(of: "> of ").last { name = name[end.upperBound...] }
    }
    if name.hasPrefix("merged ") { name = name.dropFirst("merged ".count) }
    if let end = name.firstRange(of: " -> ") { name = name[..<end.lowerBound] }
    return String(String(name).replacing(discriminator) { $0.1 }.replacing(context, with: "").prefix(120))
  }
}
