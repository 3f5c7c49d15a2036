import LinuxSystem

/// Memory for requests whose buffers are not of whole sectors.
@safe struct BlockBounce: BitwiseCopyable {
  /// The longest such request, in bytes.
  static let size = 1 << 20

  let base: UnsafeMutableRawPointer

  /// Borrows a mapping that outlives it.
  init(_ mapping: borrowing Mapping) {
    unsafe base = mapping.base
  }

  /// Copies all of a chain's readable bytes in.
  func gather(_ chain: borrowing DescriptorChain) {
    var done = 0
    for index in 0..<chain.readableCount {
      let segment = chain[index]
      unsafe (base + done).copyMemory(from: segment.host, byteCount: Int(segment.count))
      done += Int(segment.count)
    }
  }

  /// Copies bytes out to a chain's writable part, at most as many as fit there.
  func scatter(_ chain: borrowing DescriptorChain, count: Int) {
    var done = 0
    for index in chain.readableCount..<chain.count where done < count {
      let segment = chain[index]
      let piece = min(Int(segment.count), count - done)
      unsafe segment.host.copyMemory(from: base + done, byteCount: piece)
      done += piece
    }
  }
}
