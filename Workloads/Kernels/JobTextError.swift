/// Why a job text was refused.
struct JobTextError: Error {
  /// Line of the text, counted from 1.
  let line: Int
  /// What was expected there, as a message without an end stop.
  let reason: StaticString
}
