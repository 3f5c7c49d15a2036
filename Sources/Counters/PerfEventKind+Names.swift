import CPfm
import LinuxSystem
import Topology

extension PerfEventKind {
  /// A hardware event by libpfm4's name: "INSTRUCTION_RETIRED", "amd64_fam19h_zen4::RETIRED_OPS:u".
  ///
  /// That a name has an encoding does not mean that the event opens: see ``PMU/refusal``. libpfm4's `u` and `k` are kept.
  /// Its `mg` and `mh` are refused: whether host or guest counts is said by ``PerfSide``, and libpfm4 would leave the guest
  /// out of a name without either, and count it for `mg=0`.
  /// - Throws: `Unavailable` with libpfm4's words for a name that this host's tables do not have.
  public init(named name: String) throws(Unavailable) {
    try PMU.initialise()
    let modifiers = name.split(separator: ":").dropFirst().map { $0.prefix { $0 != "=" } }
    guard !modifiers.contains("mg"), !modifiers.contains("mh") else {
      throw Unavailable("the event \(name): guest and host are counted apart, leave mg and mh out")
    }
    var attributes = perf_event_attr()
    var argument = unsafe pfm_perf_encode_arg_t()
    unsafe argument.size = MemoryLayout<pfm_perf_encode_arg_t>.size
    let levels = Int32(PFM_PLM0 | PFM_PLM3)
    let code = unsafe withUnsafeMutablePointer(to: &attributes) { pointer in
      unsafe argument.attr = pointer
      return unsafe pfm_get_os_event_encoding(name, levels, PFM_OS_PERF_EVENT, &argument)
    }
    guard code == PFM_SUCCESS else {
      throw Unavailable("the event \(name): \(unsafe String(cString: pfm_strerror(code)))")
    }
    self.init(
      name, type: attributes.type, configuration: attributes.config, configuration1: attributes.config1,
      configuration2: attributes.config2, excludesUser: attributes.exclude_user != 0,
      excludesKernel: attributes.exclude_kernel != 0)
  }
}
