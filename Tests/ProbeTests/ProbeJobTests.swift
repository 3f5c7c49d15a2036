import Probe
import Testing

@Suite struct ProbeJobTests {
  @Test func theTextIsWhatTheInterfaceSays() {
    let jobs = [
      ProbeJob(number: 1, workload: "cpu.integer", seed: .max, warmup: 1_000_000, window: 2_000_000),
      ProbeJob(
        number: 2, workload: "memory.copy", seed: 7, warmup: 0, window: 0, parameters: ["size": 65536, "pages": 1]),
    ]
    let text = String(decoding: ProbeJob.text(jobs, tscFrequency: 3_000_000), as: UTF8.self)
    #expect(
      text == """
        nearmetal-jobs 4 tsc_khz=3000000
        job=1 workload=cpu.integer seed=18446744073709551615 warmup=3000000 window=6000000
        job=2 workload=memory.copy seed=7 warmup=0 window=1 pages=1 size=65536

        """)
  }
}
