import GuestMemory

/// A physical region descriptor table: where in guest memory a bus-master transfer goes (Programming Interface
/// for Bus Master IDE Controller, revision 1.0).
struct IDEDescriptorTable {
  /// A table fits 64 KiB; a guest that forgets the end mark gets no further than this.
  static let limit = 8192

  /// How a table compares with what the drive has to move.
  enum Extent: Equatable {
    /// Holds less.
    case short
    /// Holds exactly as much, and ends there.
    case exact
    /// Holds more.
    case long
    /// The table, or memory that it names, is not RAM.
    case fault
  }

  /// Reads the table up to `needed` bytes, neighbouring regions joined. The guest may be writing it meanwhile: each
  /// descriptor is copied once.
  /// - Parameter segments: emptied, then filled with as much as is needed; kept by the caller so that nothing is
  ///   allocated.
  static func read(
    at start: GuestAddress, needed: UInt64, _ memory: GuestMemory, into segments: inout [IDESegment]
  ) -> Extent {
    segments.removeAll(keepingCapacity: true)
    var total: UInt64 = 0
    for index in 0..<UInt64(limit) {
      guard let place = start.advanced(by: index * 8), let descriptor = try? memory.load(place, as: UInt64.self) else {
        return .fault
      }
      let base = descriptor & 0xffff_fffe
      let size = descriptor >> 32 & 0xfffe
      let count = size == 0 ? 0x1_0000 : size
      let taken = min(count, needed - total)
      guard unsafe memory.host(GuestAddress(base), count: taken) != nil else { return .fault }
      append(IDESegment(address: GuestAddress(base), count: taken), to: &segments)
      total += taken
      let ends = descriptor >> 63 != 0
      if total == needed { return ends && taken == count ? .exact : .long }
      if ends { return .short }
    }
    return .short
  }

  private static func append(_ segment: IDESegment, to segments: inout [IDESegment]) {
    if let last = segments.indices.last, segments[last].address.advanced(by: segments[last].count) == segment.address {
      segments[last].count += segment.count
    } else {
      segments.append(segment)
    }
  }
}
