import ProbeABI

/// The device's side of a ring as the specification has it (virtio 1.2 §2.7, §2.8).
struct HonestDevice {
  let ring: VirtioQueueMemory
  let isPacked: Bool
  let usesEvents: Bool
  /// Where the device reads next and writes next; for split rings the running indices, for packed ones places.
  private var reading = 0
  private var writing = 0
  private var readingWrap = true
  private var writingWrap = true

  init(_ ring: VirtioQueueMemory, isPacked: Bool, usesEvents: Bool) {
    self.ring = ring
    self.isPacked = isPacked
    self.usesEvents = usesEvents
  }

  private var size: Int { Int(ring.size) }
  private func load(_ area: UnsafeMutableRawPointer, _ offset: Int) -> UInt16 {
    area.load(fromByteOffset: offset, as: UInt16.self)
  }

  /// Asks for the doorbell at the next buffer, or at none.
  mutating func wantDoorbell(_ wanted: Bool) {
    if isPacked {
      let place = UInt16(reading) | (readingWrap ? 0x8000 : 0)
      ring.device.storeBytes(of: place, as: UInt16.self)
      ring.device.storeBytes(of: wanted ? (usesEvents ? 2 : 0) : 1, toByteOffset: 2, as: UInt16.self)
    } else if usesEvents {
      let event = UInt16(truncatingIfNeeded: wanted ? reading : reading - 1)
      ring.device.storeBytes(of: event, toByteOffset: 4 + 8 * size, as: UInt16.self)
    } else {
      ring.device.storeBytes(of: wanted ? 0 : 1, as: UInt16.self)
    }
  }

  /// Takes all that is there: identifiers, and descriptors of each.
  mutating func take() -> [(identifier: UInt16, count: Int)] {
    var chains: [(identifier: UInt16, count: Int)] = []
    if !isPacked {
      while UInt16(truncatingIfNeeded: reading) != load(ring.driver, 2) {
        chains.append((load(ring.driver, 4 + 2 * (reading % size)), 1))
        reading += 1
      }
      return chains
    }
    var count = 0
    while true {
      let word = ring.descriptors[2 * reading + 1]
      let flags = UInt16(truncatingIfNeeded: word >> 48)
      // Inside a chain everything belongs to the device once its head does.
      if count == 0, (flags & 0x80 != 0) != readingWrap || (flags & 0x8000 != 0) == readingWrap { return chains }
      count += 1
      reading += 1
      if reading == size { (reading, readingWrap) = (0, !readingWrap) }
      if flags & 1 == 0 {
        chains.append((UInt16(truncatingIfNeeded: word >> 32), count))
        count = 0
      }
    }
  }

  /// Gives a chain back. Returns whether the driver is to be interrupted for it.
  mutating func give(_ chain: (identifier: UInt16, count: Int)) -> Bool {
    if !isPacked {
      let entry = ring.device + 4 + 8 * (writing % size)
      entry.storeBytes(of: UInt32(chain.identifier), as: UInt32.self)
      entry.storeBytes(of: 1, toByteOffset: 4, as: UInt32.self)
      writing += 1
      ring.device.storeBytes(of: UInt16(truncatingIfNeeded: writing), toByteOffset: 2, as: UInt16.self)
      if !usesEvents { return load(ring.driver, 0) & 1 == 0 }
      return load(ring.driver, 4 + 2 * size) == UInt16(truncatingIfNeeded: writing - 1)
    }
    let flags: UInt64 = writingWrap ? 0x8080 : 0
    ring.descriptors[2 * writing + 1] = 1 | UInt64(chain.identifier) << 32 | flags << 48
    let passed = (writing..<writing + chain.count).map {
      UInt16($0 % size) | (($0 < size) == writingWrap ? 0x8000 : 0)
    }
    writing += chain.count
    if writing >= size { (writing, writingWrap) = (writing - size, !writingWrap) }
    switch load(ring.driver, 2) {
    case 0: return true
    case 2: return passed.contains(load(ring.driver, 0))
    default: return false
    }
  }
}
