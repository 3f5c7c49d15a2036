import Bills
import Results
import Testing

@testable import Reports

@Suite struct BillStacksTests {
  private var line: BillLine {
    var line = BillLine(Workload("exits.pio.user"), Path(.nearmetal, .guest), status: .ok, statistic: .median)
    line.layers = ["guest.kernel": 50, "kvm": 1800, "monitor": 250, "libraries": 0]
    line.functions = [
      BillFunction(name: "vcpu_run", layer: "kvm", instructions: 1200),
      BillFunction(name: "a;b\nc", layer: "monitor", instructions: 250),
      BillFunction(name: "kvm_emulate_io", layer: "kvm", instructions: 300.4),
    ]
    return line
  }

  @Test func aLayersFramesAddUpToTheLayer() throws {
    let stacks = try #require(BillStacks(line))
    #expect(stacks.layers.map(\.name) == ["guest CPL 0", "KVM", "monitor"])
    for layer in stacks.layers {
      #expect(abs(layer.functions.reduce(0) { $0 + $1.instructions } - layer.instructions) < 1)
    }
    #expect(stacks.layers[1].functions.map(\.name) == ["vcpu_run", "kvm_emulate_io", "other"])
  }

  @Test func aLineWithoutLayersHasNoStacks() {
    var line = line
    line.layers = nil
    #expect(BillStacks(line) == nil)
  }

  @Test func theFlameGraphNamesEveryFrame() throws {
    let stacks = try #require(BillStacks(line))
    let svg = FlamePlot(stacks: stacks).svg(id: "flame-0")
    for name in ["vcpu_run", "kvm_emulate_io", "other", "KVM", "exits.pio.user"] { #expect(svg.contains(name)) }
    #expect(svg.contains("1\u{a0}200 instructions, 57 %"))
  }
}
