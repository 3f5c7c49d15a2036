import ELF
import LinuxSystem

/// Whose an address of the emulated host is: a layer, and a function where a symbol says so. The host has no randomised addresses, so what
/// one process had is what all had.
struct AddressMap {
  /// The probe's image in every guest.
  let probe: Range<UInt64>
  /// Where code of CPL 3 begins in it: that of CPL 0 is linked first.
  let firstOfUser: UInt64
  let probeSymbols: ELFSymbols
  /// `/proc/kallsyms` of the host.
  let kernel: ELFSymbols
  /// Addresses of the kernel's symbols that are KVM's.
  let kvm: Set<UInt64>
  /// The program's mappings, by address.
  let mappings: [Mapping]
  /// What another monitor's program shows of its functions, by offset in its file.
  let peerSymbols: ELFSymbols

  /// A file that is mapped.
  struct Mapping {
    let range: Range<UInt64>
    /// Where the file's first byte would be.
    let base: UInt64
    let name: String
    let isProgram: Bool
    let symbols: ELFSymbols
  }

  /// Where the kernel puts a program that may lie anywhere, if nothing is random: two thirds of the way through the address space
  /// (`ELF_ET_DYN_BASE` in arch/x86/include/asm/elf.h).
  private static let programBase: UInt64 = 0x5555_5555_4000

  struct Place: Hashable {
    let layer: BillLayer
    let function: String
  }

  /// - Parameter isPeer: whether the monitor is another program, at the addresses that the map has ours at.
  func place(_ address: UInt64, isPeer: Bool) -> Place {
    if probe.contains(address) {
      let name = probeSymbols.name(at: address) ?? "probe"
      return Place(layer: address < firstOfUser ? .guestKernel : .guestUser, function: Demangling.short(name))
    }
    if address >= 1 << 63 { return kernelPlace(address) }
    // Shared libraries and the kernel's own page of code are mapped at the top, the program far below.
    let isLibrary = address >= 0x7f00_0000_0000
    let layer = isLibrary ? BillLayer.libraries : .monitor
    guard !isPeer else {
      let name = isLibrary ? "shared libraries" : peerSymbols.name(at: address &- Self.programBase)
      return Place(layer: layer, function: name ?? "qemu-system-x86_64")
    }
    guard let mapping = mappings.first(where: { $0.range.contains(address) }) else {
      return Place(layer: layer, function: isLibrary ? "shared libraries" : "other code")
    }
    let name = mapping.symbols.name(at: address - mapping.base).map(Demangling.short) ?? mapping.name
    return Place(layer: mapping.isProgram ? .monitor : .libraries, function: name)
  }

  private func kernelPlace(_ address: UInt64) -> Place {
    guard let symbol = kernel.symbol(at: address) else { return Place(layer: .kernel, function: "kernel") }
    return Place(layer: kvm.contains(symbol.address) ? .kvm : .kernel, function: symbol.name)
  }

  // MARK: Reading

  /// The kernel's symbols and which of them are KVM's, from `/proc/kallsyms`.
  static func kernel(_ kallsyms: [UInt8]) -> (symbols: ELFSymbols, kvm: Set<UInt64>) {
    let modules: Set = ["[kvm]", "[kvm_amd]", "[kvm_intel]", "[irqbypass]"]
    var symbols: [UInt64: ELFSymbols.Symbol] = [:]
    var kvm: Set<UInt64> = []
    for line in kallsyms.split(separator: 0x0a) {
      let words = line.split { $0 == 0x20 || $0 == 0x09 }
      guard words.count >= 3, let kind = words[1].first, [0x74, 0x54, 0x77, 0x57].contains(kind),
        let address = UInt64(String(decoding: words[0], as: UTF8.self), radix: 16), address != 0
      else { continue }
      if symbols[address] == nil {
        symbols[address] = ELFSymbols.Symbol(address: address, name: String(decoding: words[2], as: UTF8.self))
      }
      if words.count > 3, modules.contains(String(decoding: words[3], as: UTF8.self)) { kvm.insert(address) }
    }
    return (ELFSymbols(Array(symbols.values)), kvm)
  }

  /// The kernel's own code in a process, which has no file.
  private static let kernelPage = "[vdso]"

  /// The mappings of code in a `/proc/PID/maps`, with the symbols of their files.
  /// - Parameter program: the file of this machine that the host had as its program.
  static func mappings(_ maps: String, program: String) -> [Mapping] {
    struct Line {
      let range: Range<UInt64>
      let isCode: Bool
      let offset: UInt64
      let path: String
    }
    let lines: [Line] = maps.split(separator: "\n").compactMap { line in
      let words = line.split(separator: " ")
      let ends = (words.first ?? "").split(separator: "-").compactMap { UInt64($0, radix: 16) }
      guard words.count >= 6, ends.count == 2, ends[0] < ends[1],
        words[5].hasPrefix("/") || words[5] == kernelPage, let offset = UInt64(words[2], radix: 16)
      else { return nil }
      return Line(range: ends[0]..<ends[1], isCode: words[1].contains("x"), offset: offset, path: String(words[5]))
    }
    var symbols: [String: ELFSymbols] = [:]
    return lines.filter(\.isCode).map { line in
      let isProgram = line.path.hasSuffix("/nearmetal")
      let file = isProgram ? program : line.path
      if symbols[file] == nil {
        symbols[file] = (try? AtomicFile.read(file)).flatMap { try? ELFSymbols($0, name: file) } ?? ELFSymbols([])
      }
      // The file's first byte is where its first mapping is.
      let first = lines.filter { $0.path == line.path }.map(\.range.lowerBound).min() ?? line.range.lowerBound
      let name = String(line.path.split(separator: "/").last ?? "library")
      return Mapping(
        range: line.range, base: first, name: name, isProgram: isProgram, symbols: symbols[file] ?? ELFSymbols([]))
    }
  }
}
