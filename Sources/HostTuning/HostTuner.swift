import CLinux
import LinuxSystem
import SystemPackage
import Topology

/// Changes a host's settings and puts them back.
public struct HostTuner {
  /// Where the state is unless the caller says otherwise.
  public static let statePath = "/run/nearmetal/tune.json"

  private let files: HostFiles
  private let statePath: String
  private let write: (String, String) throws(SystemError) -> Void

  /// - Parameters:
  ///   - files: whose files are changed; below another root than "/", a tree that only looks like a host's.
  ///   - statePath: the file that keeps what was there before, until it is put back.
  public init(files: HostFiles = HostFiles(), statePath: String = HostTuner.statePath) {
    self.init(files: files, statePath: statePath) { (path, value) throws(SystemError) in
      try Self.write(value, to: files.located(path))
    }
  }

  /// - Parameter write: takes a path and a value.
  init(files: HostFiles, statePath: String, write: @escaping (String, String) throws(SystemError) -> Void) {
    (self.files, self.statePath, self.write) = (files, statePath, write)
  }

  /// Makes the changes of some items. What was there before is saved first, durably, so that ``reset()`` undoes them also when
  /// this is cut short anywhere. A value that an earlier call saved stays the one to go back to.
  /// - Returns: the items with what became of them. One refusal does not keep the others from being tried.
  public func apply(_ items: [TuneItem]) throws(TuneError) -> [TuneItem] {
    var state = try TuneState.read(statePath) ?? TuneState()
    for item in items {
      guard case .change(let old, _) = item.outcome, !state.saved.contains(where: { $0.path == item.path }) else {
        continue
      }
      state.saved.append(TuneState.Saved(path: item.path, value: old))
    }
    if !state.saved.isEmpty { try state.write(statePath) }
    return items.map { item in
      guard case .change(let old, let new) = item.outcome else { return item }
      var item = item
      item.outcome = put(new, in: item.path, was: old)
      return item
    }
  }

  /// Puts back everything that was saved, in reverse order, and forgets it. What cannot be put back stays saved.
  /// - Returns: an item for each saved file; none where nothing was ever applied.
  public func reset() throws(TuneError) -> [TuneItem] {
    guard var state = try TuneState.read(statePath) else { return [] }
    var items: [TuneItem] = []
    var left: [TuneState.Saved] = []
    for saved in state.saved.reversed() {
      let now = try? HostTuning.value(saved.path, files)
      let outcome = now == saved.value ? .same(saved.value) : put(saved.value, in: saved.path, was: now ?? "unreadable")
      items.append(TuneItem(saved.path, nil, saved.path, outcome))
      switch outcome {
      case .same, .changed: break
      default: left.insert(saved, at: 0)
      }
    }
    state.saved = left
    if left.isEmpty { try TuneState.remove(statePath) } else { try state.write(statePath) }
    return items
  }

  /// Writes a value and looks whether it is there.
  private func put(_ value: String, in path: String, was old: String) -> TuneItem.Outcome {
    do throws(SystemError) { try write(path, value) } catch {
      let managed = path.hasPrefix("/proc/irq/") ? " (the kernel places some interrupts itself)" : ""
      return .refused("\(error)\(managed)")
    }
    guard let found = try? HostTuning.value(path, files) else { return .refused("\(path) cannot be read back") }
    return found == value ? .changed(from: old, to: value) : .differs(wanted: value, found: found)
  }

  private static func write(_ value: String, to path: String) throws(SystemError) {
    let file = try Descriptor.open(path, O_WRONLY | O_TRUNC)
    do throws(Errno) { try file.writeAll(Array(value.utf8)) } catch {
      throw SystemError("write \(value) to \(path)", error)
    }
  }
}
