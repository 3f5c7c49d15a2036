import LinuxSystem

/// `/proc/interrupts`: how often each CPU took each interrupt since boot.
public struct InterruptTable: Sendable {
  /// One interrupt.
  public struct Row: Equatable, Sendable {
    /// Linux's interrupt number.
    public let number: Int
    /// Times taken since boot, by CPU number; only CPUs that are online.
    public let counts: [Int: UInt64]
    /// What the drivers call it, controller and trigger included: "PCI-MSIX-0000:00:02.0 1-edge virtio1-req.0".
    public let description: String

    /// Whether the driver named it after this device: "virtio1" or "virtio1-req.0" for virtio1.
    func belongs(to device: Substring) -> Bool {
      guard let name = description.split(separator: " ").last else { return false }
      return name == device || name.hasPrefix("\(device)-")
    }
  }

  /// Numbered interrupts; the named ones of the processors themselves (NMI, LOC, …) are left out.
  public let rows: [Row]

  /// - Throws: `Unavailable` when the file or its header cannot be read.
  public init(files: HostFiles = HostFiles()) throws(Unavailable) {
    let lines = try files.lines("/proc/interrupts")
    guard let header = lines.first else { throw Unavailable("/proc/interrupts is empty") }
    let cpus = header.split(separator: " ").compactMap { Int($0.dropFirst(3)) }
    rows = lines.dropFirst().compactMap { line in
      let words = line.split(separator: " ")
      guard let label = words.first, label.hasSuffix(":"), let number = Int(label.dropLast()) else { return nil }
      let counts = words.dropFirst().prefix(cpus.count).compactMap { UInt64($0) }
      guard counts.count == cpus.count else { return nil }
      return Row(
        number: number, counts: Dictionary(zip(cpus, counts), uniquingKeysWith: { first, _ in first }),
        description: words.dropFirst(1 + cpus.count).joined(separator: " "))
    }
  }
}
