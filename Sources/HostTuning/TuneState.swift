import LinuxSystem
import Results

/// What was there before `host tune --apply`, on disk before anything is changed.
///
/// It lies in `/run`: a reboot undoes the settings and empties that folder alike.
struct TuneState: Codable, Equatable {
  /// A file of the kernel's and its value.
  struct Saved: Codable, Equatable {
    let path: String
    let value: String
  }

  static let schema = "nearmetal.tune/1"
  var schema = Self.schema
  /// In the order in which the files were to be changed.
  var saved: [Saved] = []

  /// Only these folders are ever written to, whatever a state file says.
  static let folders = ["/sys/devices/system/cpu/", "/sys/kernel/mm/", "/proc/irq/", "/proc/sys/kernel/"]

  /// Reads a state; nil where there is none.
  static func read(_ path: String) throws(TuneError) -> TuneState? {
    guard AtomicFile.exists(path) else { return nil }
    let bytes: [UInt8]
    do throws(FileError) { bytes = try AtomicFile.read(path) } catch { throw .file(error) }
    guard let state = try? JSONText.decode(TuneState.self, from: bytes), state.schema == schema,
      state.saved.allSatisfy({ saved in
        folders.contains { saved.path.hasPrefix($0) } && !saved.path.split(separator: "/").contains("..")
      })
    else {
      throw .state(
        "\(path): expected what nearmetal host tune --apply saved (\(schema)), found something else; remove the file and set "
          + "the host up anew, or reboot")
    }
    return state
  }

  /// Makes the state durable.
  func write(_ path: String) throws(TuneError) {
    let bytes: [UInt8]
    do throws(JSONProblem) { bytes = try JSONText.encode(self) } catch { throw .state("\(error)") }
    do throws(FileError) {
      try AtomicFile.makeDirectory(AtomicFile.directory(of: path))
      try AtomicFile.write(bytes, to: path)
    } catch { throw .file(error) }
  }

  /// Forgets it.
  static func remove(_ path: String) throws(TuneError) {
    do throws(FileError) { try AtomicFile.remove(path) } catch { throw .file(error) }
  }
}
