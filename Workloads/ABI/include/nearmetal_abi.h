/// The interface between the probe and whoever runs it: the one file that both sides share.
///
/// The probe is one ELF. A guest machine boots it through PVH; the `native` machine maps the very same bytes at the very
/// same addresses in the harness's own process and calls `native_entry`. In both cases a text of jobs goes in, binary
/// records come out, and nothing else crosses this border. A change of any layout or meaning below raises
/// `NM_ABI_VERSION`; both sides refuse a version that they were not built for.
#ifndef NEARMETAL_ABI_H
#define NEARMETAL_ABI_H

#ifndef __ASSEMBLER__
#include <stdint.h>
#endif

#define NM_ABI_VERSION 4

// ---------------------------------------------------------------------------------------------------------------------
// The image

/// First eight bytes of the image's first loadable segment: "NMPROBE\0".
#define NM_IMAGE_MAGIC 0x0045424f52504d4e

#ifndef __ASSEMBLER__
/// What stands at the first byte of the image's first loadable segment.
struct nm_image_header {
  uint64_t magic;         ///< NM_IMAGE_MAGIC
  uint32_t version;       ///< NM_ABI_VERSION
  uint32_t size;          ///< sizeof(struct nm_image_header)
  uint64_t native_entry;  ///< address of an `nm_native_entry`
  uint64_t load_address;  ///< physical and virtual address of this header
  uint64_t end_address;   ///< first address past the image, its zeroed data included
};
#endif

// ---------------------------------------------------------------------------------------------------------------------
// Ports and addresses of a NearMetal machine. Writes to them are harmless on any other machine.

/// ISA debug-exit port, the one QEMU's `isa-debug-exit` is given: writing N ends the machine with status 2N+1.
#define NM_PORT_DEBUG_EXIT 0xf4u
/// Values for the debug-exit port.
#define NM_EXIT_DONE 0x10u
#define NM_EXIT_FAILED 0x11u

/// 32-bit marker writes bracket every measured window.
#define NM_PORT_MARKER 0x4e40u
#define NM_MARKER_NONE 0x00000000u   ///< says nothing: an exit that a calibration adds
#define NM_MARKER_OPEN 0x01000000u   ///< | job number: the window opens with the next instruction
#define NM_MARKER_CLOSE 0x02000000u  ///< | job number: the window closed with the previous instruction
#define NM_MARKER_BOOT 0x03000000u   ///< first instruction of the probe's Swift code
/// A port that a user-space device answers (reads return NM_ECHO_VALUE): the cost of an exit to user space.
#define NM_PORT_ECHO 0x4e44u
#define NM_ECHO_VALUE 0x4e4d4e4du
/// Doorbells answered in the host kernel by ioeventfd: any value, and only the value NM_DOORBELL_VALUE.
#define NM_PORT_DOORBELL 0x4e48u
#define NM_PORT_DOORBELL_MATCH 0x4e4cu
#define NM_DOORBELL_VALUE 0x4du
/// The turn gate: reading it lasts until the guest's turn comes and returns NM_TURN_GO or NM_TURN_END. Any other value says
/// that this machine has no such port: the guest then sends the byte NM_TURN_REQUEST, which begins no record, and waits for the
/// same as one byte on COM1.
#define NM_PORT_TURN 0x4e50u
#define NM_TURN_GO 0x47u   ///< the guest runs, and everybody else is parked
#define NM_TURN_END 0x45u  ///< there are no further turns
#define NM_TURN_ASK 0x41u  ///< not on the wire: the machine gives turns to those who ask
#define NM_TURN_REQUEST 0x05u
/// The outbox: records in one exit, where COM1 takes one for each byte. Reading it gives NM_OUTBOX_VALUE on a machine that has one.
/// Writing the guest-physical address, below 4 GiB, of a `struct nm_parcel` sends the bytes that it names as COM1 would, and has
/// taken them when the write is over.
#define NM_PORT_OUTBOX 0x4e54u
#define NM_OUTBOX_VALUE 0x584f424fu
/// Most bytes of a parcel. One that is larger, or that is not all RAM, is not taken.
#define NM_PARCEL_LIMIT 0x100000u

/// Page of the test device: the MMIO counterparts, and the interrupt-from-another-thread service.
#define NM_TEST_DEVICE 0xd0000000u
#define NM_TEST_SIZE 0x1000u
#define NM_TEST_MAGIC 0x000u           ///< read: NM_TEST_MAGIC_VALUE
#define NM_TEST_MAGIC_VALUE 0x54455354u
#define NM_TEST_ECHO 0x008u            ///< read: NM_ECHO_VALUE; writes are ignored: MMIO to user space
#define NM_TEST_DOORBELL 0x010u        ///< ioeventfd, any value
#define NM_TEST_DOORBELL_MATCH 0x014u  ///< ioeventfd, only NM_DOORBELL_VALUE
#define NM_TEST_IRQ_PAGE 0x018u        ///< write: guest-physical address of a `struct nm_irq_page`; 0 stops the service
#define NM_TEST_IRQ_GSI 0x01cu         ///< read: the IOAPIC pin that the service raises
#define NM_TEST_IRQ_DELAY 0x020u       ///< TSC ticks from a request to its interrupt; at start 0. Reads as it was written
#define NM_TEST_IRQ_NEVER 0xffffffffu  ///< as a delay: no interrupt, only `served`
#define NM_TEST_IRQ_RAISE 0x024u       ///< write: raises the interrupt by irqfd before the vCPU goes on; reads as 1

#ifndef __ASSEMBLER__
/// What the outbox is to send.
struct nm_parcel {
  uint64_t address;  ///< guest-physical
  uint64_t length;   ///< bytes, at most NM_PARCEL_LIMIT
};

/// Shared memory between the probe and the host thread that raises interrupts by irqfd. The probe increments `request`;
/// the thread, which spins on it, writes the irqfd and copies the number to `served`.
struct nm_irq_page {
  volatile uint32_t request;
  uint32_t padding0[15];
  volatile uint32_t served;
  uint32_t padding1[15];
};
#endif

// ---------------------------------------------------------------------------------------------------------------------
// Jobs. A text, one job a line: `job=1 workload=cpu.integer seed=7 warmup=20000000 window=200000000 key=value ...`.
// Every value is an unsigned decimal number except `workload`. `warmup` and `window` are in TSC ticks, at most 2^48. A line
// that starts with `#` is a comment; the first line is `nearmetal-jobs 4 tsc_khz=N`. Job numbers are unique, from 1 to
// 0xffffff since markers carry 24 bits; names and keys are made of a-z, 0-9, `.`, `_` and `-`; the five keys above do not
// count among the NM_MAX_PARAMETERS.
//
// A job with `turns=N` (1 to NM_MAX_TURNS) takes turns: it waits for one before it does anything, warms up in it, and then
// measures one window in each further turn, N at most, each after `rewarm` ticks of work that do not count. Nothing is in
// flight when it waits.
//
// A job with `vcpus=N` (1 to NM_MAX_WORKERS) is shared by N workers, each with a block device of its own.

#define NM_JOBS_MAGIC "nearmetal-jobs"
#define NM_MAX_JOBS 256u
#define NM_MAX_PARAMETERS 16u
#define NM_MAX_NAME 47u
#define NM_MAX_TURNS 1024u
#define NM_MAX_WORKERS 16u

// ---------------------------------------------------------------------------------------------------------------------
// Records. Each is a header and `length` bytes of payload; integers are little-endian.

#ifndef __ASSEMBLER__
#define NM_RECORD_MAGIC 0x31524d4eu  ///< "NMR1"

enum nm_record_type {
  NM_RECORD_HELLO = 1,   ///< struct nm_hello
  NM_RECORD_RESULT = 2,  ///< struct nm_result, reason text, histogram, turns
  NM_RECORD_CRASH = 3,   ///< struct nm_crash
  NM_RECORD_END = 4,     ///< no payload: every job was answered
};

struct nm_record_header {
  uint32_t magic;     ///< NM_RECORD_MAGIC
  uint16_t version;   ///< NM_ABI_VERSION
  uint16_t type;      ///< enum nm_record_type
  uint32_t job;       ///< the job's number, 0 where there is none
  uint32_t length;    ///< bytes of payload
  uint32_t checksum;  ///< CRC-32 (IEEE 802.3) of the header with this field zero, then of the payload
  uint32_t reserved;  ///< 0
};

struct nm_hello {
  uint64_t entry_tsc;   ///< TSC at the first instruction that could read it
  uint64_t ready_tsc;   ///< TSC when the jobs were parsed
  uint64_t arena_size;  ///< bytes of memory that workloads may use
  uint32_t cpus;        ///< processors that answered
  uint32_t jobs;        ///< jobs that were read
};

enum nm_status { NM_STATUS_OK = 0, NM_STATUS_SKIPPED = 1, NM_STATUS_FAILED = 2 };

struct nm_result {
  uint32_t status;            ///< enum nm_status
  uint32_t reason_length;     ///< bytes of UTF-8 that follow this structure
  uint32_t histogram_length;  ///< bytes of histogram that follow the reason, 0 where single operations are not timed
  uint32_t histogram_unit;    ///< operations in one histogram sample (1: single operations were timed)
  uint32_t turns;             ///< `struct nm_turn`s that follow the histogram, unaligned; 0 where no turns were taken
  uint32_t shares;            ///< workers' operations, 64 bits each, that follow the turns; 0 where one did all of them
  uint64_t operations;        ///< operations done inside all windows
  uint64_t bytes;             ///< bytes moved inside all windows
  uint64_t ticks;             ///< TSC ticks from a window's opening to its closing, of all windows
  uint64_t checksum;          ///< of what one batch computed; the host recomputes it
  uint64_t opened_tsc;        ///< TSC at the first opening
  uint64_t closed_tsc;        ///< TSC at the last closing
  uint64_t values[4];         ///< the workload's own figures; the workload's table entry names them
};

/// The window of one turn.
struct nm_turn {
  uint64_t opened_tsc;  ///< TSC at the opening
  uint64_t ticks;       ///< TSC ticks from the opening to the closing
  uint64_t operations;  ///< operations done inside the window
  uint64_t bytes;       ///< bytes moved inside the window
  uint64_t median;      ///< median of the window's histogram samples in ticks, rounded down by its resolution; 0 without any
};

/// A histogram leaves as HdrHistogram's V2 counts: zig-zag LEB128, a negative number standing for a run of zeros.
/// Lowest discernible value 1, three significant digits (2048 sub-buckets), values in TSC ticks.
#define NM_HISTOGRAM_SUB_BUCKETS 2048u
#define NM_HISTOGRAM_BUCKETS 30u
#define NM_HISTOGRAM_COUNTS ((NM_HISTOGRAM_BUCKETS + 1u) * (NM_HISTOGRAM_SUB_BUCKETS / 2u))

struct nm_crash {
  uint64_t vector, error_code, rip, rsp, rflags, cr2;
  uint32_t cpu;
  uint32_t reserved;
};

// ---------------------------------------------------------------------------------------------------------------------
// Block devices as workloads see them: the engine itself natively, a driver in a guest.

enum nm_block_operation { NM_BLOCK_READ = 0, NM_BLOCK_WRITE = 1, NM_BLOCK_FLUSH = 2 };

struct nm_block_request {
  uint64_t offset;  ///< bytes from the start of the disk, a multiple of 512
  void *buffer;     ///< `length` bytes, page-aligned
  uint32_t length;  ///< bytes, a multiple of 512; 0 for a flush
  uint16_t operation;
  uint16_t tag;     ///< names the request in its completion; below the device's queue depth, one in flight each
};

struct nm_block_completion {
  uint16_t tag;
  uint16_t reserved;
  int32_t status;  ///< 0, or a negative errno
};

struct nm_block_device {
  void *context;
  uint64_t capacity;      ///< bytes
  uint32_t maximum;       ///< most bytes of one request
  uint32_t queue_depth;   ///< most requests in flight
  /// Takes a request. Returns 0, or a negative errno when the request is not taken.
  int32_t (*submit)(void *context, const struct nm_block_request *request);
  /// Makes every request taken so far visible to the device: a doorbell, or a system call.
  void (*kick)(void *context);
  /// Stores at most `limit` completions and returns their number. With `wait` not 0 it returns only with at least one, or
  /// with 0 once the device's deadline has passed.
  uint32_t (*reap)(void *context, struct nm_block_completion *completions, uint32_t limit, uint32_t wait);
};

// ---------------------------------------------------------------------------------------------------------------------
// Network devices as workloads see them: a wire's end itself natively, a driver in a guest.

/// Limits of frames, in bytes without the frame check sequence.
#define NM_NET_ETHERNET_HEADER 14u  ///< an Ethernet header (IEEE 802.3 §3.1.1)
#define NM_NET_PLAIN_FRAME 1514u    ///< most of a frame that crosses a wire in one: an MTU of 1500
#define NM_NET_LARGE_FRAME 65549u   ///< most of one that is cut on its way: an IPv4 packet behind an Ethernet header

/// What a device takes over from whoever sends and receives frames.
#define NM_NET_CHECKSUM 1u         ///< it finishes a checksum: NM_FRAME_NEEDS_CHECKSUM may be sent
#define NM_NET_SEGMENTATION 2u     ///< it cuts a TCP segment of up to 64 KiB into frames: `segment_size` may be sent
#define NM_NET_LARGE_RECEIVE 4u    ///< it may deliver such a segment whole

/// The 16 bits at `checksum_start + checksum_offset` are to become the checksum from `checksum_start` to the end.
#define NM_FRAME_NEEDS_CHECKSUM 1u
/// The receiver need not check the checksum.
#define NM_FRAME_CHECKSUM_VALID 2u

struct nm_net_frame {
  void *data;                ///< first byte of the Ethernet header
  uint32_t length;           ///< bytes, without the frame check sequence
  uint16_t flags;            ///< NM_FRAME_*
  uint16_t tag;              ///< sending: names the frame in `sent`, below `queue_depth`; receiving: the device's own
  uint16_t header_length;    ///< bytes of all headers where `segment_size` is not 0
  uint16_t segment_size;     ///< bytes of payload of each TCP segment; 0 for a frame that is one
  uint16_t checksum_start;   ///< bytes from `data`
  uint16_t checksum_offset;  ///< bytes from `checksum_start`
};

struct nm_net_device {
  void *context;
  uint32_t features;     ///< NM_NET_*
  uint32_t maximum;      ///< most bytes of one frame: NM_NET_PLAIN_FRAME, or NM_NET_LARGE_FRAME with segmentation
  uint32_t queue_depth;  ///< most frames that may be sent and not yet seen in `sent`
  uint8_t address[6];    ///< the device's Ethernet address
  uint8_t reserved[2];
  /// Takes a frame; its bytes are the device's until `sent` names the tag. Returns 0, or a negative errno when the frame is
  /// not taken: -EAGAIN while there is no room.
  int32_t (*send)(void *context, const struct nm_net_frame *frame);
  /// Makes every frame taken so far visible to the device: a doorbell, or a system call.
  void (*kick)(void *context);
  /// Stores the tags of at most `limit` frames that left and returns their number. `wait` as in a block device's `reap`.
  uint32_t (*sent)(void *context, uint16_t *tags, uint32_t limit, uint32_t wait);
  /// Stores at most `limit` frames that arrived and returns their number. Their bytes are the caller's until `release`.
  /// With `wait` not 0 it returns only with at least one, or with 0 once the device's deadline has passed.
  uint32_t (*receive)(void *context, struct nm_net_frame *frames, uint32_t limit, uint32_t wait);
  /// Gives received frames back, in the order in which they arrived.
  void (*release)(void *context, const struct nm_net_frame *frames, uint32_t count);
};

// ---------------------------------------------------------------------------------------------------------------------
// What the probe asks of the machine that it runs on.

struct nm_environment {
  void *context;
  uint64_t arena;       ///< address of memory that workloads may use, 2 MiB aligned
  uint64_t arena_size;  ///< bytes
  uint64_t tsc_khz;     ///< TSC ticks a millisecond
  uint32_t native;      ///< 1 on the native machine, 0 in a guest
  uint32_t cpus;
  void (*emit)(void *context, const uint8_t *bytes, uint64_t count);
  void (*marker)(void *context, uint32_t value);
  const struct nm_block_device *block;  ///< `block_devices` of them, one for each worker; null where the machine has none
  const uint8_t *block_note;   ///< UTF-8: `key=value` facts of `block`, or why there is none; null where nothing is known
  uint32_t block_note_length;  ///< bytes
  uint32_t block_broken;       ///< 1 where there is a device and the note says what is wrong with it
  const struct nm_net_device *net;  ///< null where the machine has none
  const uint8_t *net_note;          ///< as `block_note`
  uint32_t net_note_length;         ///< bytes
  uint32_t net_broken;              ///< as `block_broken`
  /// Returns when the leg has its turn, with NM_TURN_GO, or NM_TURN_END; at once, with NM_TURN_ASK, where an NM_TURN_REQUEST has
  /// to be sent first and `asked` is 0. Null where legs take no turns.
  uint32_t (*turn)(void *context, uint32_t asked);
  uint32_t block_devices;  ///< devices of one disk at `block`, each for one worker alone; 0 where there is none
  /// Workers that a job can be shared by, the thread that runs the jobs included, which is number 0: 1 to NM_MAX_WORKERS.
  uint32_t workers;
  /// Has a worker from 1 on that is not busy call a function; returns at once. Null where there is one worker.
  void (*start)(void *context, uint32_t worker, void (*work)(void *argument), void *argument);
  /// Whether a worker has not come back yet from what it was to call. Null where there is one worker.
  uint32_t (*busy)(void *context, uint32_t worker);
};

/// Runs every job of a text on the calling thread and the workers that it starts. Returns the number of jobs that did not end in NM_STATUS_OK or
/// NM_STATUS_SKIPPED, or a negative errno when the text is no job text.
typedef int64_t (*nm_native_entry)(const struct nm_environment *environment, const uint8_t *jobs, uint64_t length);

#endif  // __ASSEMBLER__
#endif
