import ELF
import EmulatedHost
import LinuxSystem
import Results

/// The emulator's plugin for one pass: what it is told, and what is made of what it counted.
struct LayerCounter {
  private let probe: ELFImage
  private let symbols: ELFSymbols
  private let opened: UInt64
  private let closed: UInt64
  private let program: String

  /// Nil where there is no plugin for the backend or beside the program, or the probe of the program that is carried is another one's.
  init?(_ backend: HostBackend, program: String) {
    let path = "\(AtomicFile.directory(of: program))/NearMetal_Probe.resources/probe.elf"
    guard backend == .svm, EmulatedHost.counter != nil, let bytes = try? AtomicFile.read(path),
      let probe = try? ELFImage(bytes, name: path), let symbols = try? ELFSymbols(bytes, name: path),
      let opened = symbols.address(of: "probe_window_opened"), let closed = symbols.address(of: "probe_window_closed")
    else { return nil }
    (self.probe, self.symbols, self.program) = (probe, symbols, program)
    (self.opened, self.closed) = (opened, closed)
  }

  private var image: Range<UInt64> {
    let ends = probe.segments.map { $0.virtualAddress + $0.memorySize }
    return (probe.segments.map(\.virtualAddress).min() ?? 0)..<(ends.max() ?? 0)
  }

  /// The emulator's option.
  /// - Parameter file: where it writes; a path without commas.
  func plugin(_ file: String) -> String? {
    func hexadecimal(_ value: UInt64) -> String { String(value, radix: 16) }
    return EmulatedHost.counter.map { library in
      "\(library),out=\(file),open=\(hexadecimal(opened)),close=\(hexadecimal(closed)),"
        + "low=\(hexadecimal(image.lowerBound)),high=\(hexadecimal(image.upperBound))"
    }
  }

  /// The lines with layers and functions, where what was counted can be told apart; else as they are.
  /// - Parameters:
  ///   - folder: what the pass left, with the host's `kallsyms` and `maps`.
  ///   - file: what the plugin wrote.
  func divided(_ lines: [BillLine], _ pass: RunResult, folder: String, file: String) -> [BillLine] {
    guard let bytes = try? AtomicFile.read(file), let windows = CountedWindow.read(bytes),
      let kallsyms = try? AtomicFile.read("\(folder)/kallsyms"), let maps = try? AtomicFile.read("\(folder)/maps"),
      let length = pass.run.content?.window
    else { return lines }
    let (kernel, kvm) = AddressMap.kernel(kallsyms)
    let map = AddressMap(
      probe: image, firstOfUser: symbols.address(of: "probe_on_work_stack") ?? image.lowerBound, probeSymbols: symbols,
      kernel: kernel, kvm: kvm, mappings: AddressMap.mappings(String(decoding: maps, as: UTF8.self), program: program),
      peerSymbols: lines.contains { $0.path.machine == .qemu } ? QEMUFiles.symbols : ELFSymbols([]))
    return LayerAssignment(map: map, windows: windows, window: Double(length)).assign(lines, pass)
  }
}
