import LinuxSystem
import Results

/// Reads one result of a fleet, and says what is wrong with it.
struct FleetLoader: Sendable {
  let unpack: FleetReader.Unpacking
  /// Results that begin later were dated by a clock that is wrong.
  let latest: String
  /// The jobs of the folder that it lies in.
  let jobs: FleetJobs?

  func load(_ path: String, host: String) throws(FleetProblem) -> FleetHost {
    let bytes: [UInt8]
    let signer: String?
    if path.hasSuffix(FleetReader.bundleEnding) {
      let bundle = try unpack(path).get()
      (bytes, signer) = (bundle.result, bundle.signer)
    } else {
      signer = nil
      do throws(FileError) { bytes = try AtomicFile.read(path) } catch { throw .init(path, "\(error)") }
    }
    let result: FleetResult
    do throws(DocumentReadError) { result = try FleetResult.decode(bytes, path: path) } catch {
      throw .init(path, "\(error)")
    }
    if let injection = result.run.injection { throw .init(path, "it was slowed on purpose (\(injection))") }
    try check(result.run.startedAt, path)
    let read = FleetHost(
      name: host, path: path, result, signer: signer, isRepetition: (jobs?.work.repetitions ?? 1) > 1)
    guard !read.figures.isEmpty else { throw .init(path, "it has no figure of a nearmetal guest") }
    return read
  }

  /// Clocks of hosts may differ by a little from this one's.
  private func check(_ startedAt: String, _ path: String) throws(FleetProblem) {
    guard let began = FleetTime.seconds(startedAt) else {
      throw .init(
        path, "expected that it begins at a time such as 2026-11-22T10:15:00Z, found \(startedAt.oneLine.printable)")
    }
    if let now = FleetTime.seconds(latest), began > now + FleetTime.tolerance {
      throw .init(path, "it begins at \(startedAt), after now (\(latest)): set the host's clock")
    }
    if let jobs, let submitted = FleetTime.seconds(jobs.submittedAt), began < submitted - FleetTime.tolerance {
      throw .init(
        path,
        "it begins at \(startedAt), before its job was handed in (\(jobs.submittedAt)): it is of another time, or the "
          + "host's clock is wrong")
    }
  }
}
