#include <seccomp.h>

/// The library's names for actions and comparisons are macros with casts.
static const uint32_t nm_filter_allow = SCMP_ACT_ALLOW;
static const uint32_t nm_filter_trap = SCMP_ACT_TRAP;
static inline uint32_t nm_filter_refuse(uint16_t code) { return SCMP_ACT_ERRNO(code); }
static inline struct scmp_arg_cmp nm_masked_equal(unsigned argument, uint64_t mask, uint64_t value) {
  struct scmp_arg_cmp comparison = {argument, SCMP_CMP_MASKED_EQ, mask, value};
  return comparison;
}
