import Results
import Testing

@testable import Machines

@Suite struct InjectionTests {
  @Test func amountsBecomeTicks() {
    func injection(_ kind: InjectionKind, _ amount: Double) -> Injection {
      Injection(record: InjectionRecord(kind, amount: amount), tscFrequency: 2_500_000)
    }
    #expect(injection(.exitDelay, 200).exitDelay == 500)
    #expect(injection(.guestDelay, 200).guestDelay == 500)
    #expect(injection(.ioDelay, 200).diskDelay != nil && injection(.ioSlow, 10).diskDelay != nil)
    let io = injection(.ioDelay, 200)
    #expect(io.exitDelay == 0 && io.guestDelay == nil && injection(.guestDelay, 9).diskDelay == nil)
  }
}
