#include <errno.h>
#include <numa.h>
#include <numaif.h>

/// Whether the process may allocate memory on the node: libnuma keeps the set in a global variable, which Swift takes for
/// shared mutable state. Only after numa_available.
static inline int nm_numa_has_node(int node) { return numa_bitmask_isbitset(numa_all_nodes_ptr, (unsigned)node); }

/// `errno`, read at once after a failed call.
static inline int nm_numa_errno(void) { return errno; }
