import GuestMemory

/// A piece of guest memory that a transfer covers.
struct IDESegment: Equatable {
  var address: GuestAddress
  /// Bytes.
  var count: UInt64
}

/// Walks over segments, copying. Segments were checked to be RAM, and RAM does not go away; a copy that fails all the
/// same leaves its target as it was.
struct IDESegmentCursor {
  private let segments: [IDESegment]
  private var index = 0
  private var inside: UInt64 = 0
  /// Bytes not yet passed.
  private(set) var remaining: Int

  init(_ segments: [IDESegment]) {
    self.segments = segments
    remaining = segments.reduce(0) { $0 + Int($1.count) }
  }

  /// Copies the next bytes out of the guest.
  mutating func gather(into target: UnsafeMutableRawBufferPointer, _ memory: GuestMemory) {
    walk(target.count) { done, piece in
      let part = unsafe UnsafeMutableRawBufferPointer(rebasing: target[done..<done + Int(piece.count)])
      try? unsafe memory.read(piece.address, into: part)
    }
  }

  /// Copies the next bytes into the guest.
  mutating func scatter(from source: UnsafeRawBufferPointer, _ memory: GuestMemory) {
    walk(source.count) { done, piece in
      let part = unsafe UnsafeRawBufferPointer(rebasing: source[done..<done + Int(piece.count)])
      try? unsafe memory.write(part, at: piece.address)
    }
  }

  private mutating func walk(_ count: Int, _ body: (Int, IDESegment) -> Void) {
    var done = 0
    while done < count, index < segments.count {
      let segment = segments[index]
      let piece = min(UInt64(count - done), segment.count - inside)
      if let start = segment.address.advanced(by: inside) { body(done, IDESegment(address: start, count: piece)) }
      done += Int(piece)
      inside += piece
      if inside == segment.count { (index, inside) = (index + 1, 0) }
    }
    remaining -= done
  }
}
