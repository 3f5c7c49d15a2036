import Devices
import Synchronization
import Testing

@Suite struct InterruptRouterTests {
  /// A level that keeps its state and counts its rises.
  private final class Level: InterruptLine {
    private let state = Mutex((isHigh: false, rises: 0))

    func pulse() {
      state.withLock {
        $0.isHigh = true
        $0.rises += 1
      }
    }
    func lower() { state.withLock { $0.isHigh = false } }
    var isHigh: Bool { state.withLock { $0.isHigh } }
    var rises: Int { state.withLock { $0.rises } }
  }

  private let interrupts = (0..<16).map { _ in Level() }
  private let router: InterruptRouter

  init() { router = InterruptRouter(interrupts) }

  private var high: [Int] { interrupts.indices.filter { interrupts[$0].isHigh } }

  @Test func nothingIsRoutedAtFirst() {
    let direct = Level()
    let line = router.line(beside: direct, device: 3)
    line.pulse()
    #expect(router.read(0, width: .long) == 0x8080_8080)
    #expect(high == [] && direct.isHigh)
  }

  @Test(arguments: [(1, 0), (2, 1), (3, 2), (4, 3), (5, 0), (31, 2)])
  func aDevicesNumberSaysItsLine(device: Int, line: Int) {
    router.write(UInt64(line), width: .byte, value: 11)
    let wire = router.line(beside: Level(), device: device)
    wire.pulse()
    #expect(high == [11])
    wire.lower()
    #expect(high == [])
  }

  @Test func aSharedInterruptIsHighWhileAnyLineIs() {
    router.write(0, width: .long, value: 0x0b0b_0a0a)
    let (one, other) = (router.line(beside: Level(), device: 1), router.line(beside: Level(), device: 2))
    one.pulse()
    one.pulse()
    other.pulse()
    one.lower()
    #expect(high == [10] && interrupts[10].rises == 1)
    one.lower()
    other.lower()
    #expect(high == [])
  }

  @Test func aLineThatIsHighFollowsItsRoute() {
    let line = router.line(beside: Level(), device: 1)
    line.pulse()
    router.write(0, width: .byte, value: 5)
    #expect(high == [5])
    router.write(0, width: .byte, value: 0x85)
    #expect(high == [])
    router.write(0, width: .byte, value: 9)
    #expect(high == [9])
  }

  @Test(arguments: [0, 1, 2, 8, 13])
  func interruptsThatAreISAsOwnAreNotDriven(interrupt: Int) {
    let line = router.line(beside: Level(), device: 1)
    router.write(0, width: .byte, value: UInt64(interrupt))
    line.pulse()
    #expect(high == [])
  }
}
