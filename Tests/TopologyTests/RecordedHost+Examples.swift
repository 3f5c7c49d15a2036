extension RecordedHost {
  /// A two-socket Intel server on the metal: two cores of two threads a socket, a node a socket, NVMe and a fast NIC.
  static var intelTwoSockets: RecordedHost {
    var host = RecordedHost()
    host.addCPUs([
      (0, 0, "0,4", 0), (0, 1, "1,5", 0), (1, 0, "2,6", 1), (1, 1, "3,7", 1), (0, 0, "0,4", 0), (0, 1, "1,5", 0),
      (1, 0, "2,6", 1), (1, 1, "3,7", 1),
    ])
    let cpu = "/sys/devices/system/cpu"
    host.files["/proc/cpuinfo"] = """
      processor\t: 0
      vendor_id\t: GenuineIntel
      cpu family\t: 6
      model\t\t: 106
      model name\t: Intel(R) Xeon(R) Gold 6346 CPU @ 3.10GHz
      stepping\t: 6
      microcode\t: 0xd0003d1
      flags\t\t: fpu tsc msr constant_tsc nonstop_tsc vmx rdtscp
      vmx flags\t: vnmi ept vpid posted_intr tsc_scaling

      processor\t: 1
      vendor_id\t: SomeoneElse
      """
    for id in 0..<8 {
      host.files["\(cpu)/cpu\(id)/cpufreq/scaling_governor"] = id < 4 ? "powersave\n" : "performance\n"
      host.files["\(cpu)/cpu\(id)/cpufreq/scaling_driver"] = "intel_pstate\n"
    }
    host.files["\(cpu)/intel_pstate/no_turbo"] = "1\n"
    host.files["\(cpu)/smt/control"] = "on\n"
    host.files["\(cpu)/vulnerabilities/meltdown"] = "Not affected\n"
    host.files["/sys/module/kvm_intel/parameters/ept"] = "Y\n"
    host.files["/sys/module/kvm_intel/parameters/nested"] = "N\n"
    host.files["/sys/devices/system/clocksource/clocksource0/current_clocksource"] = "hpet\n"
    host.files["/sys/devices/system/clocksource/clocksource0/available_clocksource"] = "tsc hpet acpi_pm\n"
    host.files["/sys/kernel/mm/transparent_hugepage/enabled"] = "always [madvise] never\n"
    host.files["/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages"] = "1024\n"
    host.files["/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages"] = "1000\n"
    host.files["/proc/meminfo"] = "MemTotal:       263826412 kB\nMemFree:        1000 kB\nMemAvailable:   900000 kB\n"
    host.files["/proc/sys/kernel/osrelease"] = "6.1.0-37-amd64\n"
    host.files["/boot/config-6.1.0-37-amd64"] = "foobar"
    host.files["/proc/self/mounts"] = "tracefs /sys/kernel/tracing tracefs rw,nosuid 0 0\n"
    host.files["/sys/class/dmi/id/sys_vendor"] = "Example Systems\n"
    host.addDisk()
    return host
  }

  /// An NVMe disk at 0000:5e:00.0 with two queues' interrupts, of which CPU 2 takes most.
  private mutating func addDisk() {
    let device = "/sys/devices/pci0000:5d/0000:5d:02.0/0000:5e:00.0"
    let disk = "\(device)/nvme/nvme0/nvme0n1"
    links["/sys/class/block/nvme0n1"] = "../../devices/pci0000:5d/0000:5d:02.0/0000:5e:00.0/nvme/nvme0/nvme0n1"
    links["\(disk)/device"] = "../../nvme0"
    links["\(device)/nvme/nvme0/device"] = "../../../0000:5e:00.0"
    links["\(device)/driver"] = "../../../../bus/pci/drivers/nvme"
    files["\(device)/nvme/nvme0/firmware_rev"] = "7.1a    \n"
    files["\(device)/numa_node"] = "1\n"
    files["\(device)/nvme/nvme0/numa_node"] = "-1\n"
    links["/sys/class/net/eth0"] = "../../devices/pci0000:17/0000:17:00.0/net/eth0"
    let port = "/sys/devices/pci0000:17/0000:17:00.0"
    links["\(port)/net/eth0/device"] = "../../../0000:17:00.0"
    links["\(port)/driver"] = "../../../bus/pci/drivers/example_net"
    files["\(port)/numa_node"] = "0\n"
    files["\(port)/net/eth0/speed"] = "25000\n"
    files["\(port)/net/eth0/operstate"] = "up\n"
    files["\(port)/net/eth0/mtu"] = "1500\n"
    files["/sys/devices/system/edac/mc/mc0/mc_name"] = "Example_MC\n"
    files["/sys/devices/system/edac/mc/mc0/dimm0/dimm_edac_mode"] = "SECDED\n"
    files["/sys/devices/system/edac/mc/mc0/dimm1/dimm_edac_mode"] = "SECDED\n"
    files["/sys/class/iommu/dmar0/devices"] = ""
    files["/sys/class/iommu/dmar1/devices"] = ""
    files["\(device)/nvme/nvme0/model"] = "EXAMPLE SSD 1T9   \n"
    files["\(disk)/size"] = "3750748848\n"
    files["\(disk)/queue/rotational"] = "0\n"
    files["\(disk)/queue/scheduler"] = "[none] mq-deadline \n"
    files["\(disk)/queue/write_cache"] = "write through\n"
    files["\(device)/msi_irqs/130"] = "msix\n"
    files["\(device)/msi_irqs/131"] = "msix\n"
    files["/proc/irq/131/smp_affinity_list"] = "2-3\n"
    files["/proc/interrupts"] = """
                 CPU0       CPU1       CPU2       CPU3       CPU4       CPU5       CPU6       CPU7
       130:          5          0          0          0          0          0          0          0  PCI-MSIX-0000:5e:00.0    0-edge      nvme0q0
       131:          0          0         15          0          0          0          0          0  PCI-MSIX-0000:5e:00.0    1-edge      nvme0q1
       132:          9          9          9          9          9          9          9          9  PCI-MSIX-0000:5f:00.0    0-edge      other
       NMI:          1          1          1          1          1          1          1          1   Non-maskable interrupts
       ERR:          0
      """
  }

  /// A virtual AMD machine with four cores without SMT, one node, and nearly nothing set up.
  static var amdGuest: RecordedHost {
    var host = RecordedHost()
    host.addCPUs((0..<4).map { (0, $0, "\($0)", 0) })
    host.files["/proc/cpuinfo"] = """
      processor\t: 0
      vendor_id\t: AuthenticAMD
      cpu family\t: 25
      model\t\t: 1
      model name\t: AMD EPYC 7543 32-Core Processor
      stepping\t: 1
      flags\t\t: fpu tsc svm npt hypervisor constant_tsc
      """
    host.files["/sys/class/dmi/id/sys_vendor"] = "QEMU\n"
    host.files["/sys/module/kvm_amd/parameters/npt"] = "1\n"
    host.files["/sys/module/kvm_intel/parameters/ept"] = "N\n"
    host.files["/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages"] = "0\n"
    host.files["/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages"] = "0\n"
    host.files["/proc/stat"] = "cpu  100 0 100 700 0 0 0 100 0 0\ncpu0 100 0 100 700 0 0 0 100 0 0\nctxt 5\n"
    host.files["/proc/loadavg"] = "0.50 0.25 0.10 1/100 4242\n"
    return host
  }
}
