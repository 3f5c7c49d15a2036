/// libFuzzer's entry for programs that have a main function of their own (LLVM, "Using libFuzzer as a library").
#ifndef NEARMETAL_FUZZER_H
#define NEARMETAL_FUZZER_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*callback)(const uint8_t *data, size_t size));

#endif
