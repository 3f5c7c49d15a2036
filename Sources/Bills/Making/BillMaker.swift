import EmulatedHost
import LinuxSystem
import Results

/// Makes a bill: runs its suite on emulated hosts and takes what came of them.
public struct BillMaker {
  private let plan: BillPlan
  /// Holds a folder for each pass.
  private let scratch: String
  private let interruption: Interruption
  private let progress: (String) -> Void
  private let counter: LayerCounter?

  /// - Parameters:
  ///   - plan: the suite, the hosts and how many of them run at the same time.
  ///   - scratch: an absolute path of a folder that is there, and goes with the caller.
  ///   - interruption: ends the hosts that run.
  ///   - progress: told, a line each, what goes on.
  public init(
    _ plan: BillPlan, scratch: String, _ interruption: Interruption, progress: @escaping (String) -> Void
  ) {
    (self.plan, self.scratch, self.interruption, self.progress) = (plan, scratch, interruption, progress)
    counter = LayerCounter(plan.backend, program: plan.program)
  }

  /// Makes the bill. Blocks for as long as the hosts run.
  /// - Parameters:
  ///   - id: of the bill.
  ///   - startedAt: ISO 8601, UTC.
  /// - Throws: where no pass came to its end. One that did is a bill, which says that the other did not.
  public func make(id: String, startedAt: String) throws(BillError) -> Bill {
    var results: [RunResult] = []
    var problem: BillError?
    var pass = 0
    while pass < BillPlan.passes, problem == nil {
      let batch = pass..<min(BillPlan.passes, pass + plan.atOnce)
      progress(
        "running the suite on an emulated host with \(plan.backend.rawValue), pass\(batch.count > 1 ? "es" : "") "
          + batch.map { "\($0 + 1)" }.joined(separator: " and ") + " of \(BillPlan.passes)")
      for outcome in run(batch) {
        switch outcome {
        case .success(let result): results.append(result)
        case .failure(let error): problem = problem ?? error
        }
      }
      pass = batch.upperBound
    }
    guard let first = results.first else { throw problem ?? .host(.incomplete("no pass was run")) }
    if let second = results.dropFirst().first, let difference = Self.difference(first, second) {
      throw .unlike(difference)
    }
    var run = BillRun(
      id: id, startedAt: startedAt, suite: first.run.suite, content: first.run.content, command: plan.command,
      tool: first.run.tool, buildConfiguration: first.run.buildConfiguration, passes: results.count,
      incomplete: problem?.description)
    run.injection = first.run.injection
    return Bill(run: run, host: host(of: first), lines: lines(of: results))
  }

  /// Runs passes at the same time.
  private func run(_ passes: Range<Int>) -> [Result<RunResult, BillError>] {
    // An emulated host cannot be moved, so each has a name here; there are two at most.
    var first: RunningHost?
    var second: RunningHost?
    var outcomes: [Result<RunResult, BillError>] = []
    do throws(BillError) {
      first = try start(passes.lowerBound)
      if passes.count > 1 { second = try start(passes.lowerBound + 1) }
    } catch { outcomes.append(.failure(error)) }
    if let host = first.take() { outcomes.append(finish(host, passes.lowerBound)) }
    if let host = second.take() { outcomes.append(finish(host, passes.lowerBound + 1)) }
    return outcomes
  }

  /// The last pass is the one that the emulator's plugin counts: it changes no figure, which the first one shows.
  private static let counted = BillPlan.passes - 1
  private var countedFile: String { "\(scratch)/windows" }

  private func lines(of results: [RunResult]) -> [BillLine] {
    let lines = BillBuilder.lines(of: results)
    guard let counter, results.count == BillPlan.passes else { return lines }
    return counter.divided(lines, results[Self.counted], folder: folder(Self.counted), file: countedFile)
  }

  private func folder(_ pass: Int) -> String { "\(scratch)/pass\(pass + 1)" }

  private func start(_ pass: Int) throws(BillError) -> RunningHost {
    do throws(FileError) {
      try AtomicFile.makeDirectory(folder(pass))
      try AtomicFile.write(try AtomicFile.read(plan.suite), to: "\(folder(pass))/suite.yaml")
    } catch { throw .file(error) }
    // What the run says goes to files: a pipe that nobody reads meanwhile would fill up.
    let machines = plan.monitors.map { "--machine \($0.rawValue)" }.joined(separator: " ")
    let injected = plan.inject.map { " --inject '\($0)'" } ?? ""
    // Of the report by the environment, as a program of an earlier version has no such option.
    let words =
      "cat /proc/kallsyms >kallsyms; "
      + "NEARMETAL_REPORT=none nearmetal run suite.yaml --seed 1 --blocks 1 --counters off \(machines)\(injected) --disk-directory /tmp --output out "
      + ">said 2>complaints & process=$!; sleep 0.2; cat /proc/$process/maps >maps; wait $process"
    do throws(EmulatedHostError) {
      var host = plan.host(log: "\(scratch)/console\(pass + 1)")
      if pass == Self.counted { host.plugin = counter?.plugin(countedFile) }
      return try host.start(
        ["sh", "-c", words, "sh", "suite.yaml"], in: folder(pass))
    } catch { throw .host(error) }
  }

  private func finish(_ host: consuming RunningHost, _ pass: Int) -> Result<RunResult, BillError> {
    let outcome: RunningHost.Outcome
    do throws(EmulatedHostError) { outcome = try host.finish { interruption.isRequested } } catch {
      return .failure(.host(error))
    }
    do throws(DocumentReadError) {
      let result = try ResultStore.read("\(folder(pass))/out")
      return result.run.interrupted
        ? .failure(.host(.incomplete("the run on the host was cut short"))) : .success(result)
    } catch {
      // Without a result the run, or else the machinery, has said why.
      let said = (try? AtomicFile.read("\(folder(pass))/complaints", limit: 1 << 20)) ?? []
      let line = String(decoding: said, as: UTF8.self).split(whereSeparator: \.isNewline).first.map(String.init)
      guard let line else { return .failure(.host(RunningHost.failure(outcome))) }
      let words = "on the emulated host: \(line)"
      return .failure(.host(outcome.status == 64 ? .usage(words) : .incomplete(words)))
    }
  }

  /// What keeps two passes from being one bill; nil where nothing does.
  private static func difference(_ first: RunResult, _ second: RunResult) -> String? {
    for fact in ["kernel.release", "kernel.version"] where first.host.kernel[fact] != second.host.kernel[fact] {
      return "\(fact) is \(first.host.kernel[fact] ?? "absent"), then \(second.host.kernel[fact] ?? "absent")"
    }
    return first.host.cpu["cpu.model"] == second.host.cpu["cpu.model"] ? nil : "the processor is another one"
  }

  private func host(of result: RunResult) -> BillHost {
    BillHost(
      backend: plan.backend, emulator: Emulator.version(plan.backend),
      processor: [result.host.cpu["cpu.model"], result.host.cpu["cpu.identity"]].compactMap(\.self).joined(
        separator: ", "),
      kernel: plan.kernel, release: result.host.kernel["kernel.release"] ?? "unknown",
      version: result.host.kernel["kernel.version"] ?? "unknown", append: plan.append)
  }
}

/// Why a bill could not be made, in one line.
public enum BillError: OutputFailure, Equatable, CustomStringConvertible {
  case host(EmulatedHostError)
  case file(FileError)
  /// The passes are not of one host.
  case unlike(String)

  public var description: String {
    switch self {
    case .host(let error): error.description
    case .file(let error): error.description
    case .unlike(let what): "the passes ran on different hosts: \(what)"
    }
  }

  public var isOfOutput: Bool { if case .file(let error) = self { error.isOfOutput } else { false } }
}
