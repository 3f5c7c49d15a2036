import Glibc
import GuestMemory

/// Pages without any access right before and after a guest's RAM, where the address space is free.
@safe final class GuardPages {
  private var pages = unsafe [UnsafeMutableRawPointer]()
  private static let size = 1 << 16

  init(around memory: GuestMemory) throws {
    let region = memory.regions[0]
    let flags = MAP_PRIVATE | MAP_ANONYMOUS | Int32(MAP_FIXED_NOREPLACE)
    for address in [region.host - UInt(Self.size), region.host + UInt(region.count)] {
      let place = unsafe UnsafeMutableRawPointer(bitPattern: address)
      if let page = unsafe mmap(place, Self.size, PROT_NONE, flags, -1, 0), Int(bitPattern: page) != -1 {
        unsafe pages.append(page)
      }
    }
  }

  /// Unmaps them.
  func end() {
    while let page = unsafe pages.popLast() { unsafe munmap(page, Self.size) }
  }
}
