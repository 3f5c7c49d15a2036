/// Port I/O. CPL 3 may touch every port: the task segments' permission bitmap is clear.
#ifndef NEARMETAL_PORT_IO_H
#define NEARMETAL_PORT_IO_H

#include <stdint.h>

static inline uint8_t port_in8(uint16_t port) {
  uint8_t value;
  __asm__ __volatile__("inb %1, %0" : "=a"(value) : "Nd"(port) : "memory");
  return value;
}
static inline uint16_t port_in16(uint16_t port) {
  uint16_t value;
  __asm__ __volatile__("inw %1, %0" : "=a"(value) : "Nd"(port) : "memory");
  return value;
}
static inline uint32_t port_in32(uint16_t port) {
  uint32_t value;
  __asm__ __volatile__("inl %1, %0" : "=a"(value) : "Nd"(port) : "memory");
  return value;
}
static inline void port_out8(uint16_t port, uint8_t value) {
  __asm__ __volatile__("outb %0, %1" ::"a"(value), "Nd"(port) : "memory");
}
static inline void port_out16(uint16_t port, uint16_t value) {
  __asm__ __volatile__("outw %0, %1" ::"a"(value), "Nd"(port) : "memory");
}
static inline void port_out32(uint16_t port, uint32_t value) {
  __asm__ __volatile__("outl %0, %1" ::"a"(value), "Nd"(port) : "memory");
}
/// `rep outsb`: `count` bytes to one port.
static inline void port_out_bytes(uint16_t port, const uint8_t *bytes, uint64_t count) {
  __asm__ __volatile__("rep outsb" : "+S"(bytes), "+c"(count) : "d"(port) : "memory");
}

#endif
