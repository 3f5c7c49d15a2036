// swift-tools-version: 6.2
import Foundation
import PackageDescription

/// Settings of every Swift target: Swift 6 language mode comes with the tools version; unsafe code is marked.
/// `ci/test` sets NEARMETAL_STRICT so that a warning fails the build there, and only there.
let strict = ProcessInfo.processInfo.environment["NEARMETAL_STRICT"] != nil
let settings: [SwiftSetting] =
  [.strictMemorySafety(), .enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("MemberImportVisibility")]
  + (strict ? [.treatAllWarnings(as: .error)] : [])

func library(
  _ name: String, _ dependencies: [Target.Dependency] = [], path: String? = nil, exclude: [String] = [],
  sources: [String]? = nil, resources: [Resource]? = nil, plugins: [Target.PluginUsage]? = nil
) -> Target {
  .target(
    name: name, dependencies: dependencies, path: path, exclude: exclude, sources: sources, resources: resources,
    swiftSettings: settings, plugins: plugins)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource]? = nil) -> Target {
  .testTarget(
    name: name, dependencies: dependencies, path: "Tests/\(name)", resources: resources, swiftSettings: settings)
}

let systemPackage = Target.Dependency.product(name: "SystemPackage", package: "swift-system")
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let mustache = Target.Dependency.product(name: "Mustache", package: "swift-mustache")
let textTable = Target.Dependency.product(name: "TextTable", package: "TextTable")
let swiftCSV = Target.Dependency.product(name: "SwiftCSV", package: "SwiftCSV")
let database = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let histogram = Target.Dependency.product(name: "Histogram", package: "hdrhistogram-swift")

/// `ci/fuzz` sets NEARMETAL_FUZZER to libFuzzer's archive. The fuzzing program takes the tests' own machines and drivers, whose sources
/// belong to one target at a time.
let fuzzer = ProcessInfo.processInfo.environment["NEARMETAL_FUZZER"]
let fuzzTargets: [Target] =
  fuzzer.map { archive in
    [
      .target(name: "CFuzzer", path: "Tests/CFuzzer"),
      .executableTarget(
        name: "nearmetal-fuzz",
        dependencies: [
          "CFuzzer", "TestSupport", "Bundles", "Machines", "Definitions", "Verdicts", "Results",
          "History", "Reports", "Images", "ELF", "LinuxBoot", "Multiboot", "Probe", "ProbeABI", "Devices", "Storage",
          "Frames",
          "Network",
          "Kernels", "GuestMemory", "Counters", "Topology", "LinuxSystem", "CLinux", systemPackage,
        ], path: "Tests",
        sources: [
          "Fuzz", "FuzzTests/Shared", "DevicesTests/Shared", "DevicesTests/Virtio", "DevicesTests/IDE",
          "DevicesTests/E1000", "DevicesTests/PCI", "DevicesTests/Platform",
        ],
        swiftSettings: settings, linkerSettings: [.unsafeFlags([archive]), .linkedLibrary("stdc++")]),
    ]
  } ?? []

/// `ci/documentation` asks for the plugin that makes it; nothing else needs it.
let documentation: [Package.Dependency] =
  ProcessInfo.processInfo.environment["NEARMETAL_DOCUMENTATION"] == nil
  ? [] : [.package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.4.0")]

let package = Package(
  name: "NearMetal",
  products: [
    .executable(name: "nearmetal", targets: ["nearmetal"]),
    .executable(name: "nearmetal-benchmarks", targets: ["nearmetal-benchmarks"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
    .package(url: "https://github.com/apple/swift-system", from: "1.8.0"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
    .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
    .package(url: "https://github.com/ordo-one/TextTable", from: "0.0.2"),
    .package(url: "https://github.com/swiftcsv/SwiftCSV", from: "0.10.0"),
  ] + documentation,
  targets: [
    // C: constants, flexible arrays, system libraries.
    .target(name: "CLinux"),
    .systemLibrary(name: "CKVM"),
    .systemLibrary(name: "CPfm"),
    .systemLibrary(name: "CNuma", pkgConfig: "numa", providers: [.apt(["libnuma-dev"])]),
    .systemLibrary(name: "CArchive", pkgConfig: "libarchive", providers: [.apt(["libarchive-dev"])]),
    .systemLibrary(name: "CSeccomp", pkgConfig: "libseccomp", providers: [.apt(["libseccomp-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .target(name: "ProbeABI", path: "Workloads/ABI"),

    // The host: from descriptors to virtual machines.
    library("LinuxSystem", ["CLinux", systemPackage]),
    library("KVM", ["CKVM", "CLinux", "LinuxSystem", systemPackage]),
    library("GuestMemory", ["CLinux", "LinuxSystem"]),
    library("Storage", ["CLinux", "LinuxSystem", systemPackage]),
    library("Images", ["CLinux", "CZlib", "CArchive", "LinuxSystem", "Storage", systemPackage]),
    library("Frames", ["LinuxSystem", "ProbeABI"]),
    library("Devices", ["CLinux", "LinuxSystem", "GuestMemory", "Storage", "Frames", "ProbeABI", systemPackage]),
    library("ELF"),
    library("ACPI"),
    library("LinuxBoot", ["GuestMemory"]),
    library("Multiboot", ["ELF", "GuestMemory"]),
    library(
      "VirtualMachine",
      [
        "CKVM", "CLinux", "KVM", "GuestMemory", "Devices", "Storage", "Frames", "ELF", "ACPI", "LinuxBoot",
        "Multiboot", "LinuxSystem", "ProbeABI",
      ]),
    library("Topology", ["CLinux", "CNuma", "LinuxSystem", systemPackage]),
    library("Counters", ["CLinux", "CPfm", "LinuxSystem", "Topology", systemPackage]),

    // The work: one source, compiled for the host here and for the guest by the plugin.
    library("Kernels", ["ProbeABI"], path: "Workloads/Kernels"),
    library("Network", ["CLinux", "LinuxSystem", "Frames", "Kernels", "ProbeABI", systemPackage]),
    .plugin(name: "BuildProbe", capability: .buildTool()),
    library("Probe", ["ProbeABI", "ELF", "CLinux", "LinuxSystem", systemPackage], plugins: ["BuildProbe"]),

    // The method: pure mathematics, what is kept, what is run, what is shown.
    library("Statistics"),
    library("Results", ["LinuxSystem", "Statistics", crypto, histogram]),
    library("History", ["LinuxSystem", "Results", "Statistics", database]),
    library("Verdicts", ["LinuxSystem", "Results", "Statistics"]),
    library("Fleet", ["LinuxSystem", "Results", "Statistics"]),

    // What a user writes down, and what it means.
    library(
      "ShippedDefinitions", path: "Workloads", exclude: ["ABI", "Kernels", "Probe"], sources: ["Shipped.swift"],
      resources: [.copy("Suites"), .copy("Claims"), .copy("Profiles")]),
    library(
      "Definitions",
      ["ShippedDefinitions", "Verdicts", "Results", "Statistics", "Counters", "LinuxSystem", systemPackage, yams]),

    // What is run: a session on a machine, then whole runs.
    library(
      "Machines",
      [
        "Definitions", "VirtualMachine", "KVM", "GuestMemory", "Devices", "Images", "Storage", "Frames", "Network",
        "ELF",
        "LinuxBoot", "Multiboot", "Probe",
        "ProbeABI", "Kernels", "Counters", "Topology", "Results", "Statistics", "CSeccomp", "CLinux", "LinuxSystem",
        systemPackage,
      ]),
    library("HostTuning", ["Topology", "Results", "CLinux", "LinuxSystem", systemPackage]),
    library(
      "Runner",
      [
        "Machines", "HostTuning", "Definitions", "KVM", "Probe", "ProbeABI", "Counters", "Topology", "Verdicts",
        "Results", "Statistics", "CLinux", "LinuxSystem", systemPackage,
      ]),
    // What virtualization costs in instructions, on a host of its own.
    .plugin(name: "BuildCounter", capability: .buildTool()),
    library(
      "EmulatedHost", ["LinuxSystem"], exclude: ["Plugin"], resources: [.copy("Host")], plugins: ["BuildCounter"]),
    library("Bills", ["EmulatedHost", "ELF", "Results", "LinuxSystem"]),
    library(
      "Reports",
      [
        "Bills", "Fleet", "History", "Verdicts", "Results", "Statistics", "Topology", "LinuxSystem", mustache,
        textTable,
      ],
      resources: [.copy("Templates")]),

    // Whether a host qualifies, and what is handed in to show it.
    library("Qualification", ["Definitions", "Verdicts", "Results", "LinuxSystem"]),
    library(
      "Qualifying",
      [
        "Qualification", "Runner", "Machines", "Definitions", "VirtualMachine", "KVM", "ELF", "Probe", "ProbeABI",
        "Kernels", "Topology", "Results", "LinuxSystem",
      ]),
    library(
      "Bundles", ["Qualification", "Definitions", "Reports", "Verdicts", "Results", "LinuxSystem", "CArchive", crypto]),
    .executableTarget(
      name: "nearmetal",
      dependencies: [
        "Bundles", "Qualifying", "Qualification", "Runner", "HostTuning", "Machines", "Definitions", "Reports",
        "Bills", "EmulatedHost", "Fleet",
        "Images", "Results",
        "Verdicts", "History", "Statistics", "Topology", "Counters", "KVM", "LinuxSystem", argumentParser,
        systemPackage,
      ],
      swiftSettings: settings),

    // What the harness itself costs.
    .target(name: "CReferenceLoop", dependencies: ["ProbeABI"], path: "Benchmarks/CReferenceLoop"),
    .executableTarget(
      name: "nearmetal-benchmarks",
      dependencies: [
        "CReferenceLoop", "CLinux", "Runner", "Machines", "Definitions", "Counters", "Probe", "ProbeABI",
        "VirtualMachine", "KVM",
        "GuestMemory", "Devices", "Images", "Storage", "Network", "Results", "Statistics", "LinuxSystem", "History",
        "Fleet", "Reports",
        argumentParser, histogram,
      ], path: "Benchmarks/nearmetal-benchmarks", swiftSettings: settings),

    // The tests: one target a folder, and what they share.
    library(
      "TestSupport", ["KVM", "Storage", "LinuxSystem", "CLinux", systemPackage], path: "Tests/TestSupport"),
    tests(
      "FuzzTests",
      [
        "TestSupport", "Bundles", "Machines", "Definitions", "Verdicts", "Results", "History", "Reports", "Images",
        "ELF", "LinuxBoot", "Multiboot", "Probe", "ProbeABI", "Storage", "Counters", "Topology", "LinuxSystem",
      ]),
    tests("LinuxSystemTests", ["LinuxSystem", "CLinux", systemPackage]),
    tests("KVMTests", ["TestSupport", "KVM", "CKVM", "GuestMemory", "LinuxSystem", "CLinux", systemPackage]),
    tests("GuestMemoryTests", ["GuestMemory", "LinuxSystem", "CLinux"]),
    tests("StorageTests", ["TestSupport", "Storage", "LinuxSystem", "CLinux", systemPackage]),
    tests("ImagesTests", ["TestSupport", "Images", "Storage", "LinuxSystem", "CLinux", systemPackage]),
    tests("FramesTests", ["Frames", "ProbeABI"]),
    tests(
      "DevicesTests",
      [
        "TestSupport", "Devices", "Storage", "Frames", "Network", "Kernels", "GuestMemory", "LinuxSystem", "ProbeABI",
        "CLinux", systemPackage,
      ]),
    tests("NetworkTests", ["Network", "Frames", "Kernels", "ProbeABI", "LinuxSystem", "CLinux", systemPackage]),
    tests("ELFTests", ["ELF", "Probe", "Statistics"]),
    tests("ACPITests", ["ACPI"]),
    tests("LinuxBootTests", ["LinuxBoot", "GuestMemory", "LinuxSystem"]),
    tests("MultibootTests", ["Multiboot", "ELF", "GuestMemory", "Statistics"]),
    tests(
      "VirtualMachineTests",
      [
        "TestSupport", "VirtualMachine", "KVM", "ELF", "Multiboot", "ACPI", "GuestMemory", "Probe", "Devices",
        "Storage",
        "LinuxSystem", "ProbeABI", "CLinux", systemPackage,
      ]),
    tests("TopologyTests", ["Topology", "LinuxSystem", "CLinux", systemPackage]),
    tests("CountersTests", ["Counters", "Topology", "LinuxSystem", "CLinux", systemPackage]),
    tests("KernelsTests", ["Kernels", "ProbeABI", histogram]),
    tests(
      "ProbeTests",
      [
        "TestSupport", "Probe", "VirtualMachine", "KVM", "Kernels", "Network", "Devices", "ProbeABI", "ELF",
        "LinuxSystem", "CLinux",
      ]),
    tests(
      "ProbeDriverTests", ["TestSupport", "Probe", "ProbeABI", "Kernels", "Storage", "LinuxSystem", "CLinux"],
      resources: [.copy("Hostile")]),
    tests("StatisticsTests", ["Statistics"]),
    tests("HistoryTests", ["History", "Results", "Statistics", database]),
    tests("ResultsTests", ["TestSupport", "Results", histogram]),
    tests("VerdictsTests", ["Verdicts", "Results", "Statistics"]),
    tests("FleetTests", ["Fleet", "Qualification", "Reports", "Results", "Statistics", "LinuxSystem"]),
    tests(
      "DefinitionsTests",
      ["TestSupport", "Definitions", "Verdicts", "Results", "Kernels", "ProbeABI", "LinuxSystem"]),
    tests("HostTuningTests", ["TestSupport", "HostTuning", "Topology", "LinuxSystem"]),
    tests(
      "MachinesTests",
      [
        "TestSupport", "Machines", "Definitions", "Results", "Probe", "ProbeABI", "Kernels", "LinuxSystem", "CLinux",
        "Topology", "Counters", "Images", "Storage", "Devices", "KVM", "LinuxBoot", "Network",
      ]),
    tests(
      "RunnerTests",
      [
        "TestSupport", "Runner", "Machines", "Definitions", "Verdicts", "Results", "Probe", "ProbeABI", "Kernels",
        "LinuxSystem", "CLinux", "Topology", "Counters", "KVM",
      ]),
    tests(
      "ReportsTests",
      [
        "TestSupport", "Reports", "Fleet", "History", "Verdicts", "Results", "Statistics", "LinuxSystem", swiftCSV,
        histogram,
      ]),
    tests(
      "BillsTests", ["Bills", "EmulatedHost", "ELF", "Reports", "Results", "TestSupport", "LinuxSystem", histogram]),
    tests("QualificationTests", ["Qualification", "Definitions", "Results", "LinuxSystem"]),
    tests(
      "QualifyingTests",
      [
        "TestSupport", "Qualifying", "Qualification", "Definitions", "Machines", "Probe", "Topology", "Results",
        "LinuxSystem", systemPackage,
      ]),
    tests(
      "BundlesTests",
      ["nearmetal", "Bundles", "Qualification", "Definitions", "Reports", "Verdicts", "Results", "LinuxSystem"]),
    tests("EndToEndTests", ["TestSupport", "nearmetal", "Bills", "EmulatedHost", "LinuxSystem", "Results"]),
    tests(
      "CompatibilityTests", ["Bundles", "Qualification", "History", "Verdicts", "Results"],
      resources: [.copy("Fixtures")]),
    tests("SourceTests", []),
  ].filter { fuzzer == nil || !["DevicesTests", "FuzzTests"].contains($0.name) } + fuzzTargets
)
