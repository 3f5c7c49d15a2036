/// The schema of a profile.
enum ProfileSchema {
  static let profile = DefinitionSchema.mapping(
    [
      "profile": DefinitionSchema.identifier, "summary": ["type": "string"],
      "host": ["type": "array", "items": host], "checks": ["type": "array", "items": check],
      "performance": DefinitionSchema.mapping(
        ["suite": SuiteSchema.suite, "claims": ClaimSchema.claims], required: ["suite", "claims"]),
    ], required: ["profile"])

  private static let common: [String: SchemaValue] = [
    "id": DefinitionSchema.identifier, "text": DefinitionSchema.text("the requirement as a sentence"),
    "requirement": DefinitionSchema.requirement,
  ]

  private static let host = DefinitionSchema.mapping(
    common.merging([
      "fact": DefinitionSchema.word(ProfileReader.facts, "a fact of the host's inventory"),
      "name": DefinitionSchema.text("of the capability or of the fact"),
      "at-least": DefinitionSchema.quantity("a size such as 4GiB, or a number"),
      "one-of": ["type": "array", "minItems": 1, "items": ["type": ["string", "number", "boolean"]]],
    ]) { first, _ in first }, required: ["id", "text", "requirement", "fact"])

  private static let check = DefinitionSchema.mapping(
    common.merging([
      "check": DefinitionSchema.word(["integrity", "memory", "reboot", "smp", "soak"], "what guests do"),
      "duration": DefinitionSchema.quantity("of integrity and soak: 10s, 30min, 12h"),
      "cpus": ["anyOf": [["const": "all"], ["type": "integer", "minimum": 1]], "description": "of smp"],
      "share": ["type": "number", "exclusiveMinimum": 0, "maximum": 0.9, "description": "of the memory, of memory"],
      "times": ["type": "integer", "minimum": 1, "description": "of reboot"],
    ]) { first, _ in first }, required: ["id", "text", "requirement", "check"])
}
