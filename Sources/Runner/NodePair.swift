/// CPUs and memory of an entry that has a place of its own.
struct NodePair: Sendable, Hashable {
  let vcpu: Int
  let io: Int?
  let memory: Int
}
