import Testing

/// The program as a whole. One test at a time: a run locks the host, so that nothing else measures beside it.
@Suite(.serialized)
enum EndToEnd {}
