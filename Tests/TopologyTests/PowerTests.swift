import LinuxSystem
import Testing

@testable import Topology

@Suite struct PowerTests {
  @Test func anEnergyPreferenceIsRecordedWarnedOfAndPartOfTheFingerprint() throws {
    var host = RecordedHost.intelTwoSockets
    let without = try host.read { HostInventory.collect(files: $0) }
    for cpu in 0..<8 {
      host.files["/sys/devices/system/cpu/cpu\(cpu)/cpufreq/energy_performance_preference"] = "balance_power\n"
    }
    host.files["/sys/devices/system/cpu/cpu0/power/energy_perf_bias"] = "6\n"
    host.files["/sys/firmware/acpi/platform_profile"] = "quiet\n"
    let with = try host.read { HostInventory.collect(files: $0) }
    #expect(with["power.preference"]?.value == "balance_power")
    #expect(with["power.preference"]?.remedy?.contains("performance") == true)
    #expect(with["power.bias"]?.value == "6")
    #expect(with["power.profile"]?.value == "quiet")
    #expect(with.fingerprint != without.fingerprint)
  }

  @Test func aTSCThatTheKernelGaveUpIsWarnedOf() throws {
    var host = RecordedHost.intelTwoSockets
    host.files["/sys/devices/system/clocksource/clocksource0/available_clocksource"] = "hpet acpi_pm\n"
    let fact = try host.read { HostInventory.collect(files: $0) }["clock.current"]
    #expect(fact?.value == "hpet")
    #expect(fact?.remedy?.contains("distrusts the TSC") == true)
  }
}
