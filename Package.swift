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
  resources: [Resource]? = nil, plugins: [Target.PluginUsage]? = nil
) -> Target {
  .target(
    name: name, dependencies: dependencies, path: path, exclude: exclude, resources: resources, swiftSettings: settings,
    plugins: plugins)
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
  ],
  targets: [
    // C: constants, flexible arrays, system libraries.
    .target(name: "CLinux"),
    .systemLibrary(name: "CPfm"),
    .systemLibrary(name: "CNuma", pkgConfig: "numa", providers: [.apt(["libnuma-dev"])]),
    .systemLibrary(name: "CArchive", pkgConfig: "libarchive", providers: [.apt(["libarchive-dev"])]),
    .target(name: "ProbeABI", path: "Workloads/ABI"),

    // The host: from descriptors to virtual machines.
    library("LinuxSystem", ["CLinux", systemPackage]),
    library("KVM", ["CLinux", "LinuxSystem", systemPackage]),
    library("GuestMemory", ["CLinux", "LinuxSystem"]),
    library("Storage", ["CLinux", "LinuxSystem", systemPackage]),
    library("Frames", ["LinuxSystem", "ProbeABI"]),
    library("Devices", ["CLinux", "LinuxSystem", "GuestMemory", "Storage", "Frames", "ProbeABI", systemPackage]),
    library("ELF"),
    library(
      "VirtualMachine",
      ["CLinux", "KVM", "GuestMemory", "Devices", "Storage", "Frames", "ELF", "LinuxSystem", "ProbeABI"]),
    library("Topology", ["CLinux", "CNuma", "LinuxSystem", systemPackage]),
    library("Counters", ["CLinux", "CPfm", "LinuxSystem", "Topology", systemPackage]),

    // The work: one source, compiled for the host here and for the guest by the plugin.
    library("Kernels", ["ProbeABI"], path: "Workloads/Kernels"),
    library("Network", ["CLinux", "LinuxSystem", "Frames", "Kernels", "ProbeABI", systemPackage]),
    .plugin(name: "BuildProbe", capability: .buildTool()),
    library("Probe", ["ProbeABI", "ELF", "CLinux", "LinuxSystem", systemPackage], plugins: ["BuildProbe"]),

    // The method: pure mathematics, what is kept, what is run, what is shown.
    library("Statistics"),
    library("Results", ["Statistics", histogram]),
    library("History", ["Results", "Statistics", database]),
    library("Verdicts", ["Results", "Statistics", yams], resources: [.copy("Claims")]),
    library(
      "Runner",
      [
        "VirtualMachine", "KVM", "GuestMemory", "Devices", "Probe", "ProbeABI", "Kernels", "Storage", "Network",
        "Counters",
        "Topology",
        "Verdicts", "Results", "Statistics", "CLinux", "LinuxSystem", yams, systemPackage,
      ], resources: [.copy("Suites")]),
    library(
      "Reports", ["History", "Verdicts", "Results", "Statistics", "Topology", mustache, textTable],
      resources: [.copy("Templates")]),

    // Whether a host qualifies, and what is handed in to show it.
    library(
      "Qualification",
      [
        "Runner", "VirtualMachine", "KVM", "ELF", "Probe", "ProbeABI", "Kernels", "Topology", "Verdicts", "Results",
        "LinuxSystem", crypto, yams,
      ]),
    library("Bundles", ["Qualification", "Reports", "Verdicts", "Results", "CArchive", crypto]),
    .executableTarget(
      name: "nearmetal",
      dependencies: [
        "Bundles", "Qualification", "Runner", "Reports", "Results", "Verdicts", "History", "Statistics", "Topology",
        "Counters", "KVM", "LinuxSystem",
        argumentParser,
      ],
      swiftSettings: settings),

    // What the harness itself costs.
    .target(name: "CReferenceLoop", dependencies: ["ProbeABI"], path: "Benchmarks/CReferenceLoop"),
    .executableTarget(
      name: "nearmetal-benchmarks",
      dependencies: [
        "CReferenceLoop", "Runner", "Counters", "Probe", "ProbeABI", "VirtualMachine", "KVM", "GuestMemory", "Devices",
        "Storage", "Network", "Results", "Statistics", "LinuxSystem", argumentParser, histogram,
      ], path: "Benchmarks/nearmetal-benchmarks", swiftSettings: settings),

    // The tests: one target a folder.
    tests("LinuxSystemTests", ["LinuxSystem", "CLinux", systemPackage]),
    library(
      "TestSupport", ["KVM", "Storage", "LinuxSystem", "CLinux", systemPackage], path: "Tests/TestSupport"),
    tests("KVMTests", ["TestSupport", "KVM", "GuestMemory", "LinuxSystem", "CLinux", systemPackage]),
    tests("GuestMemoryTests", ["GuestMemory", "LinuxSystem", "CLinux"]),
    tests("StorageTests", ["TestSupport", "Storage", "LinuxSystem", "CLinux", systemPackage]),
    tests("FramesTests", ["Frames", "ProbeABI"]),
    tests(
      "DevicesTests",
      [
        "TestSupport", "Devices", "Storage", "Frames", "Network", "Kernels", "GuestMemory", "LinuxSystem", "ProbeABI",
        "CLinux", systemPackage,
      ]),
    tests("NetworkTests", ["Network", "Frames", "Kernels", "ProbeABI", "LinuxSystem", "CLinux", systemPackage]),
    tests("ELFTests", ["ELF", "Probe", "Statistics"]),
    tests(
      "VirtualMachineTests",
      [
        "TestSupport", "VirtualMachine", "KVM", "ELF", "GuestMemory", "Probe", "Devices", "Storage", "LinuxSystem",
        "ProbeABI", "CLinux", systemPackage,
      ]),
    tests("TopologyTests", ["Topology", "LinuxSystem", systemPackage]),
    tests("CountersTests", ["Counters", "Topology", "LinuxSystem", "CLinux", systemPackage]),
    tests("KernelsTests", ["Kernels", "ProbeABI", histogram]),
    tests(
      "ProbeTests",
      [
        "Probe", "VirtualMachine", "KVM", "Kernels", "Network", "Devices", "ProbeABI", "ELF", "LinuxSystem", "CLinux",
      ]),
    tests(
      "ProbeDriverTests", ["Probe", "ProbeABI", "Kernels", "Storage", "LinuxSystem", "CLinux"],
      resources: [.copy("Hostile")]),
    tests("StatisticsTests", ["Statistics"]),
    tests("HistoryTests", ["History", "Results", "Statistics", database]),
    tests("ResultsTests", ["Results", histogram]),
    tests("VerdictsTests", ["Verdicts", "Results", "Statistics"]),
    tests(
      "RunnerTests",
      [
        "Runner", "Verdicts", "Results", "Probe", "ProbeABI", "Kernels", "LinuxSystem", "CLinux", "Topology",
        "Counters",
      ]),
    tests("ReportsTests", ["Reports", "History", "Verdicts", "Results", "Statistics", swiftCSV, histogram]),
    tests("QualificationTests", ["Qualification", "Runner", "Topology", "Results", systemPackage]),
    tests("BundlesTests", ["Bundles", "Qualification", "Reports", "Verdicts", "Results"]),
    tests("EndToEndTests", ["nearmetal", "LinuxSystem", "Results"]),
  ]
)
