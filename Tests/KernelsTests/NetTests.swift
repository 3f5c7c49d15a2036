import ProbeABI
import Testing

@testable import Kernels

@Suite struct NetTests {
  /// Runs one job over a wire.
  private func run(_ line: String, _ wire: FakeWire) -> TestMachine.Record {
    TestMachine().run(line, seed: 11, wire: wire)[0]
  }

  private static let workloads = [
    "net.transmit", "net.receive", "net.bulk", "net.bulk direction=1", "net.bidirectional", "net.pingpong",
    "net.rate rate=20000 window=25000000", "net.rate load=50 window=25000000",
  ]
  private static let large = UInt32(NM_NET_SEGMENTATION | NM_NET_LARGE_RECEIVE | NM_NET_CHECKSUM)

  @Test(arguments: workloads, ["", "size=60", "size=512 credit=7", "size=1514 wait=1"])
  func aGoodWirePassesAndLosesNothing(workload: String, parameters: String) {
    let record = run(workload + " " + parameters, FakeWire())
    #expect(record.reason == "")
    #expect(record.result.status == NM_STATUS_OK.rawValue)
    #expect(record.result.operations > 0)
    #expect(record.result.values.0 == 0)
    #expect(record.result.values.1 == 0)
    #expect(record.result.values.2 == 0)
    if !workload.contains("load"), workload.contains("ping") || workload.contains("rate") {
      #expect(decodeCounts(record.histogram).reduce(0, +) == record.result.operations + record.result.values.3)
    }
  }

  @Test(arguments: ["net.bulk", "net.bulk direction=1"], [FakeWire.Fault.none, .cuts])
  func bulkFramesAreLargeWhereTheDeviceSegmentsAndMayArriveCut(workload: String, fault: FakeWire.Fault) {
    let wire = FakeWire(features: Self.large, fault: fault)
    let record = run(workload, wire)
    #expect(record.reason == "")
    #expect(record.result.values.0 == 0)
    #expect(record.result.bytes == record.result.operations * 1460)
    if workload == "net.bulk" { #expect(wire.longest == 54 + 44 * 1460) }
  }

  @Test(
    arguments: ["net.transmit", "net.bidirectional", "net.pingpong", "net.rate rate=20000 window=25000000"],
    [FakeWire.Fault.loses(7), .duplicates(5), .swaps(6)])
  func whatTheWireDoesToFramesOnTheirWayOutIsCounted(workload: String, fault: FakeWire.Fault) {
    check(workload, fault, .out)
  }

  @Test(
    arguments: ["net.receive", "net.bidirectional", "net.pingpong", "net.rate rate=20000 window=25000000"],
    [FakeWire.Fault.loses(7), .duplicates(5), .swaps(6)])
  func whatTheWireDoesToFramesOnTheirWayBackIsCounted(workload: String, fault: FakeWire.Fault) {
    check(workload, fault, .back)
  }

  private func check(_ workload: String, _ fault: FakeWire.Fault, _ way: FakeWire.Way) {
    // One ping at a time has no other to be swapped with.
    if workload == "net.pingpong", case .swaps = fault { return }
    let record = run(workload, FakeWire(fault: fault, way: way))
    #expect(record.reason == "")
    let (lost, duplicated, reordered, _) = record.result.values
    switch fault {
    case .loses: #expect(lost > 0 && duplicated == 0)
    case .duplicates: #expect(duplicated > 0 && lost == 0 && reordered == 0)
    default: #expect(reordered > 0 && duplicated == 0)
    }
  }
}
