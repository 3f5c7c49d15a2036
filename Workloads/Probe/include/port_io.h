/// Port I/O for the probe's drivers: one instruction each, nothing in between.
#ifndef NEARMETAL_PORT_IO_H
#define NEARMETAL_PORT_IO_H

#include <stdint.h>

static inline uint8_t inb(uint16_t port) {
  uint8_t value;
  __asm__ __volatile__("inb %1, %0" : "=a"(value) : "Nd"(port) : "memory");
  return value;
}

static inline uint16_t inw(uint16_t port) {
  uint16_t value;
  __asm__ __volatile__("inw %1, %0" : "=a"(value) : "Nd"(port) : "memory");
  return value;
}

static inline uint32_t inl(uint16_t port) {
  uint32_t value;
  __asm__ __volatile__("inl %1, %0" : "=a"(value) : "Nd"(port) : "memory");
  return value;
}

static inline void outb(uint16_t port, uint8_t value) {
  __asm__ __volatile__("outb %0, %1" : : "a"(value), "Nd"(port) : "memory");
}

static inline void outw(uint16_t port, uint16_t value) {
  __asm__ __volatile__("outw %0, %1" : : "a"(value), "Nd"(port) : "memory");
}

static inline void outl(uint16_t port, uint32_t value) {
  __asm__ __volatile__("outl %0, %1" : : "a"(value), "Nd"(port) : "memory");
}

/// Reads `count` words from one port into memory.
static inline void insw(uint16_t port, void *target, uint64_t count) {
  __asm__ __volatile__("cld; rep insw" : "+D"(target), "+c"(count) : "d"(port) : "memory", "cc");
}

/// Writes `count` words from memory to one port.
static inline void outsb(uint16_t port, const void *source, uint64_t count) {
  __asm__ __volatile__("cld; rep outsb" : "+S"(source), "+c"(count) : "d"(port) : "memory", "cc");
}
static inline void outsw(uint16_t port, const void *source, uint64_t count) {
  __asm__ __volatile__("cld; rep outsw" : "+S"(source), "+c"(count) : "d"(port) : "memory", "cc");
}

#endif
