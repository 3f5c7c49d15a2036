// A program of its own: the probe's virtio driver, compiled for the host, against devices that lie. The driver's
// addresses are this process's, as they are the guest's in a guest. Prints one line a scenario; crashes where the
// driver does.

func tell<Queue: VirtioQueue>(
  _ type: Queue.Type, _ name: String, features: UInt64, _ scenario: String, _ lies: [Lie]
) throws {
  var scene = try Scene<Queue>(features: features)
  precondition(scene.submit() == 0)
  scene.driver.kick()
  for lie in lies { scene.answer(lie) }
  print("\(name) \(scenario): \(scene.reap())")
}

func tellAll<Queue: VirtioQueue>(_ type: Queue.Type, _ name: String, features: UInt64, stride: UInt32) throws {
  func run(_ scenario: String, _ lies: Lie...) throws { try tell(type, name, features: features, scenario, lies) }
  let truth = 5 * stride
  try run("truth", Lie(identifier: truth, length: 513))
  try run("short length", Lie(identifier: truth, length: 0))
  try run("long length", Lie(identifier: truth, length: 514))
  try run("huge length", Lie(identifier: truth, length: .max))
  try run("failure", Lie(identifier: truth, length: 1, status: 1))
  try run("unknown status", Lie(identifier: truth, length: 513, status: 7))
  try run("no status", Lie(identifier: truth, length: 513, status: 0xff))
  try run("idle tag", Lie(identifier: truth + stride, length: 513))
  try run("tag beyond the queue", Lie(identifier: 60 * stride + 60, length: 513))
  try run("huge tag", Lie(identifier: .max, length: 513))
  try run("twice", Lie(identifier: truth, length: 513), Lie(identifier: truth, length: 513))
}

func tellRefusals() throws {
  var scene = try Scene<VirtioQueueSplit>(features: 0)
  let end = UInt64(1 << 24)
  print("refusal tag: \(scene.submit(tag: 21)) \(scene.submit(tag: .max))")
  print("refusal length: \(scene.submit(length: 0)) \(scene.submit(length: 100)) \(scene.submit(length: 5 << 20))")
  let last = scene.submit(offset: end - 512)
  print("refusal place: \(scene.submit(tag: 6, offset: end)) \(last) \(scene.submit(tag: 6, offset: .max - 511))")
  print("refusal twice: \(scene.submit())")
  print("refusal operation: \(scene.submit(tag: 6, operation: 9)) \(scene.submit(tag: 6, operation: 2, length: 0))")
  // A used index that runs ahead makes the driver look at entries that hold nothing.
  (scene.registers.memory!.device + 2).storeBytes(of: UInt16(0x8000), as: UInt16.self)
  print("index ahead: \(scene.reap())")
  print("refusal after: \(scene.submit(tag: 7))")
}

let indirect = VirtioFeatures.indirect
try tellAll(VirtioQueueSplit.self, "split", features: 0, stride: 3)
try tellAll(VirtioQueueSplit.self, "split-events", features: VirtioFeatures.eventIndex, stride: 3)
try tellAll(VirtioQueueSplit.self, "split-indirect", features: indirect, stride: 1)
try tellAll(VirtioQueuePacked.self, "packed-indirect", features: indirect | VirtioFeatures.packed, stride: 1)
try tell(VirtioQueueSplit.self, "split", features: 0, "inside a chain", [Lie(identifier: 16, length: 513)])
try tell(
  VirtioQueuePacked.self, "packed", features: VirtioFeatures.packed, "idle tag", [Lie(identifier: 6, length: 513)])
try tell(
  VirtioQueuePacked.self, "packed", features: VirtioFeatures.packed, "huge tag",
  [Lie(identifier: .max, length: 1)])
try tellRefusals()

func converse<Queue: VirtioQueue>(_ type: Queue.Type, _ name: String, _ features: UInt64) throws {
  for size: UInt16 in [13, 64] {
    var conversation = try Conversation<Queue>(features: features, queueMaximum: size)
    print("conversation \(name) \(size): \(conversation.hold(rounds: 60_000, isPolled: false))")
    print("polled conversation \(name) \(size): \(conversation.hold(rounds: 60_000, isPolled: true))")
  }
}

let events = VirtioFeatures.eventIndex
let packed = VirtioFeatures.packed
try converse(VirtioQueueSplit.self, "split", 0)
try converse(VirtioQueueSplit.self, "split-events", events)
try converse(VirtioQueueSplit.self, "split-indirect-events", indirect | events)
try converse(VirtioQueuePacked.self, "packed", packed)
try converse(VirtioQueuePacked.self, "packed-events", packed | events)
try converse(VirtioQueuePacked.self, "packed-indirect-events", packed | indirect | events)

for features in [0, VirtioNetFeatures.mergeable] {
  let name = features == 0 ? "net" : "net-mergeable"
  try tellNet(VirtioQueueSplit.self, "\(name) split", features)
  try tellNet(VirtioQueuePacked.self, "\(name) packed", features | packed)
}
