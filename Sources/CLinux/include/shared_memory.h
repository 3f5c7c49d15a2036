/// Single accesses to memory that another party writes at the same time: each call is one load or one store, never repeated
/// and never torn where the address is aligned. Without a suffix they order nothing.
#ifndef CLINUX_SHARED_MEMORY_H
#define CLINUX_SHARED_MEMORY_H

#include <stdint.h>

/// A call would cost more than the access.
#define NM_INLINED static inline __attribute__((always_inline))

typedef uint16_t __attribute__((aligned(1), may_alias)) nm_any_u16;
typedef uint32_t __attribute__((aligned(1), may_alias)) nm_any_u32;
typedef uint64_t __attribute__((aligned(1), may_alias)) nm_any_u64;

NM_INLINED uint8_t nm_shared_load8(const void *at) { return *(const volatile uint8_t *)at; }
NM_INLINED uint16_t nm_shared_load16(const void *at) { return *(const volatile nm_any_u16 *)at; }
NM_INLINED uint32_t nm_shared_load32(const void *at) { return *(const volatile nm_any_u32 *)at; }
NM_INLINED uint64_t nm_shared_load64(const void *at) { return *(const volatile nm_any_u64 *)at; }
NM_INLINED void nm_shared_store8(void *at, uint8_t value) { *(volatile uint8_t *)at = value; }
NM_INLINED void nm_shared_store16(void *at, uint16_t value) { *(volatile nm_any_u16 *)at = value; }
NM_INLINED void nm_shared_store32(void *at, uint32_t value) { *(volatile nm_any_u32 *)at = value; }
NM_INLINED void nm_shared_store64(void *at, uint64_t value) { *(volatile nm_any_u64 *)at = value; }

/// Nothing after the load moves before it. The address is aligned.
NM_INLINED uint16_t nm_shared_load16_acquire(const void *at) {
  return __atomic_load_n((const uint16_t *)at, __ATOMIC_ACQUIRE);
}
NM_INLINED uint32_t nm_shared_load32_acquire(const void *at) {
  return __atomic_load_n((const uint32_t *)at, __ATOMIC_ACQUIRE);
}
/// Nothing before the store moves after it. The address is aligned.
NM_INLINED void nm_shared_store16_release(void *at, uint16_t value) {
  __atomic_store_n((uint16_t *)at, value, __ATOMIC_RELEASE);
}
/// Earlier stores are visible before later loads are made.
NM_INLINED void nm_shared_fence(void) { __atomic_thread_fence(__ATOMIC_SEQ_CST); }

/// Asks the processor for the cache line of an address that will be read.
NM_INLINED void nm_prefetch(const void *at) { __builtin_prefetch(at, 0, 3); }

#endif
