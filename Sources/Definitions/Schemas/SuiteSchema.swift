import Results

/// The schema of a suite.
enum SuiteSchema {
  static let suite = DefinitionSchema.mapping(
    [
      "name": DefinitionSchema.text("what results call it"), "summary": ["type": "string"],
      "blocks": ["type": "integer", "minimum": 1, "maximum": 1000, "description": "10 unless given"],
      "extend": [
        "type": "integer", "minimum": 0, "maximum": 1000,
        "description": "blocks to add, once, if a blocking claim is undecided",
      ],
      "level": [
        "type": "number", "minimum": 0.5, "exclusiveMaximum": 1, "description": "of intervals; 0.95 unless given",
      ],
      "warmup": DefinitionSchema.quantity("before each leg's window: 0 to 10s; 50ms unless given"),
      "window": DefinitionSchema.quantity("what a leg measures: 100us to 600s; 200ms unless given"),
      "memory": DefinitionSchema.quantity("guest RAM, a multiple of 2MiB from 64MiB; 256MiB unless given"),
      "disk": DefinitionSchema.quantity(
        "the disk of block workloads, a multiple of 2MiB from 64MiB; 256MiB unless given"),
      "machines": DefinitionSchema.words(
        Machine.allCases.map(\.rawValue), "where workloads run; everywhere unless given"),
      "counters": ["type": "string", "description": "none, off, basic, vm, or names of events between commas"],
      "hugePages": ["type": "string", "description": "none, thp or hugetlb"],
      "placements": DefinitionSchema.word(["matrix"], "threads on each NUMA node, memory on each"),
      "turn": DefinitionSchema.quantity("the window of a turn, such as 2ms, or none"),
      "against": [
        "type": "object", "description": "parameters of workloads that others of the suite are held against",
        "additionalProperties": ["type": ["string", "integer"]],
      ],
      "kernel": DefinitionSchema.text("the kernel that workloads under Linux boot, a path"),
      "initrd": DefinitionSchema.text("its initial RAM disk, a path"),
      "append": DefinitionSchema.text("words for its command line"),
      "workloads": ["type": "array", "minItems": 1, "items": ["anyOf": [DefinitionSchema.workload, entry]]],
    ], required: ["name", "workloads"])

  /// A workload with what else there is to say of it; its id alone means the defaults.
  private static let entry = DefinitionSchema.mapping(
    [
      "id": DefinitionSchema.workload,
      "machines": DefinitionSchema.words(Machine.allCases.map(\.rawValue), "where it runs"),
      "modes": DefinitionSchema.words(Mode.allCases.map(\.rawValue), "how its I/O goes"),
      "window": DefinitionSchema.quantity("what its legs measure: 100us to 600s; the suite's window unless given"),
      "parameters": ["type": "object"],
    ], required: ["id"],
    allOf: DefinitionSchema.conditions(on: "id", ["parameters"]) { workload in
      let modes = Set(workload.paths.map(\.mode)).map(\.rawValue).sorted()
      return ["modes": DefinitionSchema.words(modes, "how its I/O goes")]
    })
}
