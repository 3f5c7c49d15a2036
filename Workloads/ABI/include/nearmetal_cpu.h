/// What the shared kernels need from the processor and Swift cannot say: the time-stamp counter with its ordering, the
/// spin hint, a barrier for the compiler, and loads and stores that it must neither drop nor merge.
/// Only instructions of the x86-64 baseline and RDTSCP: the same bytes run in every guest and natively.
#ifndef NEARMETAL_CPU_H
#define NEARMETAL_CPU_H

#include <stdint.h>

#define NM_INLINE static inline __attribute__((always_inline, unused))

/// The time-stamp counter, not ordered against anything: for latencies of microseconds and for deadlines.
NM_INLINE uint64_t nm_tsc(void) {
  uint32_t low, high;
  __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
  return ((uint64_t)high << 32) | low;
}

/// Opens a timed section: all that came before has completed, nothing that follows has begun.
/// (Intel SDM volume 2, RDTSC: LFENCE before and after.)
NM_INLINE uint64_t nm_tsc_begin(void) {
  uint32_t low, high;
  __asm__ volatile("lfence\n\trdtsc\n\tlfence" : "=a"(low), "=d"(high) : : "memory");
  return ((uint64_t)high << 32) | low;
}

/// Closes a timed section: all that came before has completed, nothing that follows has begun.
/// (Intel SDM volume 2, RDTSCP: waits for earlier instructions; LFENCE keeps later ones out.)
NM_INLINE uint64_t nm_tsc_end(void) {
  uint32_t low, high;
  __asm__ volatile("rdtscp\n\tlfence" : "=a"(low), "=d"(high) : : "rcx", "memory");
  return ((uint64_t)high << 32) | low;
}

/// Tells the processor that this is a spin loop.
NM_INLINE void nm_pause(void) { __asm__ volatile("pause" : : : "memory"); }

/// Memory accesses are not moved across this by the compiler. No instruction.
NM_INLINE void nm_compiler_barrier(void) { __asm__ volatile("" : : : "memory"); }

/// All earlier loads and stores are visible before any later one (MFENCE).
NM_INLINE void nm_full_barrier(void) { __asm__ volatile("mfence" : : : "memory"); }

/// Returns its argument; the compiler knows nothing about the result, so it cannot fold what depends on it.
NM_INLINE uint64_t nm_opaque(uint64_t value) {
  __asm__ volatile("" : "+r"(value));
  return value;
}

NM_INLINE uint8_t nm_load8(const volatile void *address) { return *(const volatile uint8_t *)address; }
NM_INLINE uint16_t nm_load16(const volatile void *address) { return *(const volatile uint16_t *)address; }
NM_INLINE uint32_t nm_load32(const volatile void *address) { return *(const volatile uint32_t *)address; }
NM_INLINE uint64_t nm_load64(const volatile void *address) { return *(const volatile uint64_t *)address; }
NM_INLINE void nm_store8(volatile void *address, uint8_t value) { *(volatile uint8_t *)address = value; }
NM_INLINE void nm_store16(volatile void *address, uint16_t value) { *(volatile uint16_t *)address = value; }
NM_INLINE void nm_store32(volatile void *address, uint32_t value) { *(volatile uint32_t *)address = value; }
NM_INLINE void nm_store64(volatile void *address, uint64_t value) { *(volatile uint64_t *)address = value; }

#undef NM_INLINE
#endif
