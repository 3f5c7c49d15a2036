import Results

/// The schema of a file of claims.
enum ClaimSchema {
  static let file = DefinitionSchema.mapping(
    ["name": DefinitionSchema.text("of the file"), "summary": ["type": "string"], "claims": claims],
    required: ["name", "claims"])

  static let claims: SchemaValue = ["type": "array", "minItems": 1, "items": claim]

  private static let machines = Machine.allCases.map(\.rawValue)
  private static let modes = Mode.allCases.map(\.rawValue)

  private static let claim = DefinitionSchema.mapping(
    [
      "id": DefinitionSchema.identifier, "text": DefinitionSchema.text("the claim as a sentence"),
      "source": DefinitionSchema.text("where it comes from"), "workload": DefinitionSchema.workload,
      "parameters": ["type": "object"], "metric": DefinitionSchema.text("such as iops, bandwidth, latency.p99"),
      "machine": DefinitionSchema.word(machines, "whose figure it is about"),
      "mode": DefinitionSchema.word(modes, "how its I/O goes"),
      "reference": DefinitionSchema.word(
        machines + modes.filter { !machines.contains($0) },
        "what is 1.0: native, a machine in this mode, or a mode of this machine; native unless given"),
      "referenceParameters": ["type": "object"],
      "test": DefinitionSchema.word(
        ClaimTest.allCases.map(\.rawValue), "non-inferiority unless given; superiority for margins above 1"),
      "margin": [
        "type": "number", "minimum": 0,
        "description": "the least ratio that meets it, above 0; in a test of a count, the most for one operation",
      ],
      "level": ["type": "number", "minimum": 0.5, "exclusiveMaximum": 1], "requirement": DefinitionSchema.requirement,
    ], required: ["id", "text", "source", "workload", "metric", "machine", "mode", "requirement"],
    allOf: DefinitionSchema.conditions(on: "workload", ["parameters", "referenceParameters"]))
}
