import KVM
import LinuxSystem
import Reports
import Runner
import Topology

/// A host on a terminal: what it is good for, and what is missing.
struct HostScreen {
  private let host: HostDescription
  private let options: TerminalOptions

  init(_ host: HostDescription, _ options: TerminalOptions) {
    self.host = host
    self.options = options
  }

  private struct Ability {
    let what: String
    /// What is lost without it.
    let cost: String
    /// Nil where it is there.
    let obstacle: String?
  }

  private var runsGuests: Bool { !host.capabilities.isEmpty }

  private var abilities: [Ability] {
    let guests = runsGuests ? nil : fact("kvm.device") ?? "/dev/kvm cannot be opened"
    let cpus = (try? CPUAffinity.allowed().count) ?? 1
    return [
      Ability(
        what: "guests, emulated and paravirtual I/O", cost: "only native legs run", obstacle: guests),
      Ability(
        what: "polled I/O", cost: "the mode polled is skipped",
        obstacle: guests ?? (cpus > 1 ? nil : "this process may use one CPU, and it needs two")),
      Ability(
        what: "I/O in the host's kernel", cost: "the mode vhost is skipped", obstacle: guests ?? reason("device.vhost")),
      Ability(
        what: "hardware events", cost: "no cycles and cache misses; times and exits are there",
        obstacle: reason("pmu.hardware")),
      Ability(
        what: "KVM's tracepoints", cost: "exits are counted, and not told apart by reason",
        obstacle: reason("kernel.tracefs")),
    ]
  }

  /// Why a fact that something is missing is one; nil where nothing is.
  private func reason(_ prefix: String) -> String? {
    host.inventory.missing.first { $0.id.hasPrefix(prefix) }.map { $0.reason ?? $0.text }
  }

  private func fact(_ id: String) -> String? { host.inventory[id]?.text }

  private var headline: (text: String, role: Screen.Role) {
    guard runsGuests else {
      return ("This host cannot run guests: \(fact("kvm.device") ?? "/dev/kvm cannot be opened").", .bad)
    }
    let missing = abilities.filter { $0.obstacle != nil }.map(\.what)
    let backend = host.backend.rawValue
    return missing.isEmpty
      ? ("This host can measure everything (backend: \(backend)).", .good)
      : ("This host can measure (backend: \(backend)), without \(missing.joined(separator: " and ")).", .good)
  }

  var screen: Screen {
    var screen = Screen()
    screen.paragraph(headline.text, headline.role)
    screen.line(
      "\(fact("cpu.model") ?? "unknown processor"), \(fact("cpu.online").map { "CPUs \($0)" } ?? "unknown CPUs"), Linux "
        + "\(fact("kernel.release") ?? "unknown"), \(fact("virtualization.hypervisor") ?? "unknown below")")
    screen.line("fingerprint \(host.inventory.fingerprint)", .faint)
    screen.gap()
    let width = (abilities.map(\.what.count).max() ?? 0) + 2
    for ability in abilities {
      screen.line(
        ability.obstacle == nil ? Screen.Span("yes", .good, width: 5) : Screen.Span("no", .doubtful, width: 5),
        Screen.Span(ability.what, width: width), Screen.Span(ability.obstacle == nil ? "" : ability.cost, .faint))
    }
    screen.gap()
    if !host.inventory.missing.isEmpty { screen.line("What is missing, and what helps", .strong) }
    for fact in host.inventory.missing {
      screen.paragraph("\(fact.name): \(fact.reason ?? fact.text). \(fact.remedy ?? "")")
    }
    let tuning = host.tuning.filter { $0.contains(" -> ") }
    if !tuning.isEmpty {
      screen.paragraph(
        "\(tuning.count) \(tuning.count == 1 ? "setting" : "settings") could be quieter: \(options.command) host tune --show."
      )
    }
    if options.showsAll { screen.add(text: everything) }
    screen.gap()
    if !options.showsAll {
      screen.line(
        "Every fact: \(options.command) host --all. Next: \(options.command) run quick --output out", .faint)
    }
    screen.paragraph(headline.text, headline.role)
    return screen
  }

  /// Every capability and fact.
  private var everything: String {
    let capabilities = host.capabilities.map { name, value in "  \(name): \(value == 0 ? "absent" : "\(value)")" }
    let parts: [[String]] = [
      ["", "KVM capabilities"], capabilities.isEmpty ? ["  none: /dev/kvm cannot be opened"] : capabilities,
      ["", host.inventory.description, "", "What nearmetal host tune would change"], host.tuning.map { "  \($0)" },
      ["", "What a run watches for noise"], host.noise.map { "  \($0)" },
    ]
    return parts.joined().joined(separator: "\n") + "\n"
  }

  /// A row for every fact.
  var table: DataTable {
    let capabilities = host.capabilities.map { ["KVM", $0.name, "\($0.value)", "", ""] }
    let facts = host.inventory.sections.flatMap { section in
      section.facts.map { [section.title, $0.id, $0.value ?? "", $0.reason ?? "", $0.remedy ?? ""] }
    }
    return DataTable(header: ["section", "name", "value", "why_missing", "remedy"], rows: capabilities + facts)
  }
}
