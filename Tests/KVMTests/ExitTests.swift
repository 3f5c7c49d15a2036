import CKVM
import CLinux
import KVM
import LinuxSystem
import Synchronization
import TestSupport
import Testing

@Suite(.enabled(if: Host.hasKVM, "needs a /dev/kvm that this user may open"))
struct ExitTests {
  @Test func aPortWriteHasPortWidthAndValue() throws {
    // mov dx, 0x4e44; mov eax, 0x11223344; out dx, eax
    let guest = try RealModeGuest([0xba, 0x44, 0x4e, 0x66, 0xb8, 0x44, 0x33, 0x22, 0x11, 0x66, 0xef])
    let access = try guest.enterToPort()
    #expect((access.port, access.width, access.count) == (0x4e44, 4, 1))
    #expect(access.isWrite)
    #expect(access.bytes == [0x44, 0x33, 0x22, 0x11])
  }

  @Test func whatIsStoredForAPortReadArrivesInTheGuest() throws {
    // in ax, 0x42; out 0x10, al; mov al, ah; out 0x10, al
    let guest = try RealModeGuest([0xe5, 0x42, 0xe6, 0x10, 0x88, 0xe0, 0xe6, 0x10])
    let access = try guest.enterToPort(answer: 0xbeef)
    #expect((access.port, access.width, access.isWrite) == (0x42, 2, false))
    #expect(try guest.runToReport() == 0xef)
    #expect(try guest.runToReport() == 0xbe)
  }

  @Test func aRepeatedPortWriteHasAllItsBytes() throws {
    // cld; mov si, 0x2000; mov cx, 5; mov dx, 0x77; rep outsb; out 0x10, al
    let code: [UInt8] = [0xfc, 0xbe, 0x00, 0x20, 0xb9, 0x05, 0x00, 0xba, 0x77, 0x00, 0xf3, 0x6e, 0xe6, 0x10]
    let guest = try RealModeGuest(code, other: [0x2000: Array("hello".utf8)])
    var bytes: [UInt8] = []
    loop: while true {
      let access = try guest.enterToPort()
      guard access.port == 0x77 else { break loop }
      #expect(access.width == 1)
      bytes += access.bytes
    }
    #expect(String(decoding: bytes, as: UTF8.self) == "hello")
  }

  @Test func loadsAndStoresOutsideRAMHaveAddressWidthAndValue() throws {
    // mov ax, 0x5aa5; mov [0xa000], ax; mov al, [0xa003]; out 0x10, al
    let guest = try RealModeGuest([0xb8, 0xa5, 0x5a, 0xa3, 0x00, 0xa0, 0xa0, 0x03, 0xa0, 0xe6, 0x10])
    let store = try guest.enterToMemory()
    #expect((store.address, store.width, store.isWrite) == (0xa000, 2, true))
    #expect(store.value == 0x5aa5)
    let load = try guest.enterToMemory(answer: 0x7b)
    #expect((load.address, load.width, load.isWrite) == (0xa003, 1, false))
    #expect(try guest.runToReport() == 0x7b)
  }

  @Test func anExitRequestIsNotLostWhenItComesBeforeTheEntry() throws {
    let guest = try RealModeGuest([0xeb, 0xfe])  // jmp to itself
    guest.vcpu.exitRequest.make()
    #expect(try guest.isInterrupted())
    let place = try guest.vcpu.registers().rip
    #expect(place == RealModeGuest.codeStart)
  }

  @Test func anExitRequestMayOutliveItsVCPU() throws {
    let request = try RealModeGuest([0xf4]).vcpu.exitRequest
    request.make()
  }

  @Test(arguments: [[0xeb, 0xfe], [0xf4, 0xeb, 0xfd]] as [[UInt8]])
  func anExitRequestEndsAGuestThatSpinsOrHalts(code: [UInt8]) throws {
    KickSignal.install()
    let guest = try RealModeGuest(code)
    let request = guest.vcpu.exitRequest
    let outcome = Outcome()
    let thread = try PinnedThread(name: "vcpu") {
      if (try? guest.isInterrupted()) == true { outcome.interrupted.store(true, ordering: .releasing) }
    }
    request.make()
    thread.signal(KickSignal.number)
    thread.join()
    let interrupted = outcome.interrupted.load(ordering: .acquiring)
    #expect(interrupted)
  }
}

/// What a vCPU's thread saw.
final class Outcome: Sendable {
  let interrupted = Atomic(false)
}
