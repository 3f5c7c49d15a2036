import Devices
import GuestMemory
import KVM
import LinuxSystem
import Storage
import Synchronization
import TestSupport
import Testing

@testable import VirtualMachine

/// A machine that an operating system recognises.
@Suite(.enabled(if: Host.hasKVM, "needs a /dev/kvm that this user may open"))
struct PCPlatformTests {
  private func machine(
    _ code: [UInt8], _ change: (inout MachineConfiguration) -> Void = { _ in },
    serial: @escaping (UInt8) -> Void = { _ in }
  ) throws -> Machine {
    var configuration = MachineConfiguration(memory: 4 << 20, pages: .small, platform: .pc)
    change(&configuration)
    let machine = try Machine(try System(), configuration, serial: serial)
    try machine.load(TestGuest.image(code), name: "guest", commandLine: "", module: nil)
    return machine
  }

  /// mov dx, PORT; mov ax, VALUE; out dx, ax
  private func outWord(_ port: UInt16, _ value: UInt16) -> [UInt8] {
    [0x66, 0xba] + TestGuest.halves(port) + [0x66, 0xb8] + TestGuest.halves(value) + [0x66, 0xef]
  }

  @Test func theSleepTypeThatMeansOffEndsTheMachine() throws {
    let code = outWord(0x604, 5 << 10 | 1 << 13) + Code.exit(2)
    #expect(try machine(code).run(until: TestGuest.patience) == .poweredOff)
  }

  @Test func theResetRegisterResets() throws {
    let code = Code.outByte(wide: 0xcf9, 0x06) + Code.exit(2)
    #expect(try machine(code).run(until: TestGuest.patience) == .reset)
  }

  @Test func theKeyboardControllerResets() throws {
    #expect(try machine(Code.outByte(0x64, 0xfe) + Code.exit(2)).run(until: TestGuest.patience) == .reset)
  }

  @Test func whatIsSentToTheGuestArrivesOnItsSerialPort() throws {
    let sent = Mutex<[UInt8]>([])
    // mov dx, 0x3fd; wait: in al, dx; test al, 1; jz wait; mov dx, 0x3f8; in al, dx; inc al; out dx, al
    let echo: [UInt8] = [
      0x66, 0xba, 0xfd, 0x03, 0xec, 0xa8, 0x01, 0x74, 0xfb, 0x66, 0xba, 0xf8, 0x03, 0xec, 0xfe, 0xc0, 0xee,
    ]
    let machine = try machine(echo + Code.exit(0)) { _ in
    } serial: { byte in
      sent.withLock { $0.append(byte) }
    }
    #expect(machine.send([0x41]) == 1)
    #expect(try machine.run(until: TestGuest.patience) == .exited(0))
    #expect(sent.withLock { $0 } == [0x42])
  }

  @Test func aGuestByPVHIsToldOfTheTables() throws {
    let machine = try machine(Code.exit(0))
    let info: UInt64 = 0x6000
    #expect(try machine.memory.load(GuestAddress(info + 32), as: UInt64.self) == 0xe0000)
    let signature = try (0..<8).map { try machine.memory.load(GuestAddress(0xe0000 + $0), as: UInt8.self) }
    #expect(signature == Array("RSD PTR ".utf8))
    let table = try machine.memory.load(GuestAddress(info + 40), as: UInt64.self)
    // The second range is theirs.
    #expect(try machine.memory.load(GuestAddress(table + 24), as: UInt64.self) == 0xe0000)
    #expect(try machine.memory.load(GuestAddress(table + 40), as: UInt32.self) == 2)
  }

  @Test func severalDisksHavePlacesOfTheirOwn() throws {
    let machine = try machine(Code.exit(3)) { configuration in
      configuration.disks = [.virtioMMIO(.notified), .virtioMMIO(.notified), .virtioPCI(.notified), .ide].map {
        DiskConfiguration(.null(size: 1 << 20), attachment: $0)
      }
    }
    #expect(machine.disks.count == 4)
    #expect(try machine.run(until: TestGuest.patience) == .exited(3))
  }

  @Test func aSecondIDEDiskIsRefused() throws {
    let error = #expect(throws: MachineError.self) {
      try machine(Code.exit(0)) { configuration in
        configuration.disks = [.ide, .ide].map { DiskConfiguration(.null(size: 1 << 20), attachment: $0) }
      }
    }
    #expect(error?.description == "a machine has one IDE disk; give the others to virtio")
  }

  @Test func moreDevicesThanPinsAreRefused() throws {
    let error = #expect(throws: MachineError.self) {
      try machine(Code.exit(0)) { configuration in
        configuration.disks = (0..<9).map { _ in
          DiskConfiguration(.null(size: 1 << 20), attachment: .virtioMMIO(.notified))
        }
      }
    }
    #expect(error?.description.contains("use virtio-pci") == true)
  }
}
