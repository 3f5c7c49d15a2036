import Storage

/// The disk of one leg: what the engine opens that the native leg and our monitor have, and how QEMU opens the same.
struct LegDisk: Sendable {
  let backing: BackingSpecification
  /// Whether it must not be written, whatever the files would permit.
  var isReadOnly = false
  let peer: Peer

  /// What QEMU is told of it.
  struct Peer: Sendable {
    /// QEMU's driver of the format.
    let driver: String
    let path: String
    /// What QEMU inherits as `ChildProcess.passed` and the numbers behind it.
    var descriptors: [Int32] = []
    /// Files besides the first that are opened for writing, as QEMU calls them. Legs that take turns are all there at once, each
    /// with the image open, so that none may lock them.
    var extents: Int = 0
    /// Why QEMU cannot have it; nil where it can.
    var obstacle: String?
  }
}
