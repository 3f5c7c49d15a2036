import Results

/// How a data point of a machine and mode looks: the shape tells the mode, and colour only repeats it; QEMU's are hollow.
struct Mark {
  /// Classes that the page's style knows.
  let style: String
  /// An outline about (0, 0), 9 units wide.
  let outline: String

  init(_ path: Path) {
    style = "mark p-\(path.mode.rawValue)" + (path.machine == .qemu ? " peer" : "")
    outline =
      switch path.mode {
      case .native: "M0-5.5L5.5 0L0 5.5L-5.5 0z"
      case .emulated: "M-4.2-4.2h8.4v8.4h-8.4z"
      case .paravirtual, .guest: "M-4.6 0a4.6 4.6 0 1 0 9.2 0a4.6 4.6 0 1 0-9.2 0z"
      case .polled: "M0-5.2L5.2 4.2h-10.4z"
      case .vhost: "M0 5.2L5.2-4.2h-10.4z"
      case .vhostUser: "M-1.7-4.7h3.4v3h3v3.4h-3v3h-3.4v-3h-3v-3.4h3z"
      }
  }

  /// The shape alone, to stand beside a name; it says nothing that the name does not.
  var swatch: String {
    "<svg class=\"swatch\" width=\"14\" height=\"14\" viewBox=\"-7 -7 14 14\" aria-hidden=\"true\"><path class=\"\(style)\" d=\"\(outline)\"/></svg>"
  }
}
