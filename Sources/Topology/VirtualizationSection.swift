import CLinux
import LinuxSystem
import SystemPackage

/// Whether the host is itself a guest, and how it runs guests.
enum VirtualizationSection {
  static func collect(_ files: HostFiles) -> InventorySection {
    let information = Result { () throws(Unavailable) in try ProcessorInformation(files: files) }
    return InventorySection(
      "Virtualization",
      [
        InventoryFact("virtualization.flags", "processor support") { () throws(Unavailable) in
          try information.get().present([
            "vmx", "svm", "ept", "vpid", "npt", "ept_ad", "posted_intr", "tsc_scale", "avic", "vgif", "x2avic",
          ])
        },
        InventoryFact("virtualization.hypervisor", "this host runs under") { () throws(Unavailable) in
          guard try information.get().flags.contains("hypervisor") else { return "no hypervisor: bare metal" }
          return "a hypervisor: \(hypervisorVendor(files))"
        },
        InventoryFact("kvm.backend", "KVM backend") { () throws(Unavailable) in
          try backend(files, flags: information.get().flags)
        },
        InventoryFact("virtualization.iommu", "IOMMU") { () throws(Unavailable) in
          let units = try files.entries("/sys/class/iommu")
          return units.isEmpty ? "none in use" : units.joined(separator: ", ")
        },
        device(files, flags: (try? information.get().flags) ?? []),
      ] + parameters(files))
  }

  /// Who the hypervisor says it is: CPUID leaf 0x4000_0000 on this host, `/sys/hypervisor/type` or DMI in a recorded tree.
  private static func hypervisorVendor(_ files: HostFiles) -> String {
    if files.isThisHost {
      var registers: [UInt32] = [0, 0, 0, 0]
      unsafe nm_cpuid(0x4000_0000, 0, &registers)
      let bytes = registers[1...3].flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) } }
      let signature = String(decoding: bytes.filter { (0x21...0x7e).contains($0) }, as: UTF8.self)
      if !signature.isEmpty { return signature }
    }
    for path in ["/sys/hypervisor/type", "/sys/class/dmi/id/sys_vendor"] {
      if let text = try? files.text(path), !text.isEmpty { return text }
    }
    return "of unknown vendor"
  }

  /// The vendor module in use. Built-in modules show up without their hardware too, so the flag decides between the two.
  private static func backend(_ files: HostFiles, flags: Set<Substring>) -> String {
    if files.exists("/sys/module/kvm_pvm") { return "pvm" }
    if files.exists("/sys/module/kvm_intel") && flags.contains("vmx") { return "vmx" }
    if files.exists("/sys/module/kvm_amd") && flags.contains("svm") { return "svm" }
    return "none"
  }

  private static func device(_ files: HostFiles, flags: Set<Substring>) -> InventoryFact {
    let path = "/dev/kvm"
    guard files.exists(path) else {
      let remedy =
        flags.isDisjoint(with: ["vmx", "svm"])
        ? "Enable VT-x or SVM in the firmware, or nested virtualization in the hypervisor below."
        : "Load the module: sudo modprobe \(flags.contains("vmx") ? "kvm_intel" : "kvm_amd")."
      return InventoryFact("kvm.device", path, unavailable: "there is no \(path)", remedy: remedy)
    }
    guard unsafe access(files.located(path), R_OK | W_OK) == 0 else {
      return InventoryFact(
        "kvm.device", path, unavailable: "\(path): \(Errno(rawValue: nm_errno()))",
        remedy: "Join the group that owns it, then log in anew: sudo usermod -aG kvm \"$USER\".")
    }
    return InventoryFact("kvm.device", path, value: "readable and writable")
  }

  /// The parameters of every KVM module, a fact a module.
  private static func parameters(_ files: HostFiles) -> [InventoryFact] {
    ["kvm", "kvm_intel", "kvm_amd", "kvm_pvm"].compactMap { module in
      let folder = "/sys/module/\(module)/parameters"
      guard files.exists(folder) else { return nil }
      return InventoryFact("kvm.parameters.\(module)", "\(module) parameters") { () throws(Unavailable) in
        var settings: [String] = []
        // A parameter that only root may read is shown as such: the others still count.
        for name in try files.entries(folder) {
          settings.append("\(name)=\((try? files.text("\(folder)/\(name)")) ?? "(unreadable)")")
        }
        return settings.joined(separator: " ")
      }
    }
  }
}
