// The table that the libraries of the counting CUDA share: a mapped file, so that JavaScript reads it at any time.
// A record: 1008 bytes of key, then two int64 (how often, how much). ../counts.ts reads the same layout.
#pragma once
#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RECORDS = 8192, KEY_BYTES = 1008 };
typedef struct {
  char key[KEY_BYTES];
  int64_t times, amount;
} Record;

// lives in libcudart, which the others are linked with
void counted(const char *key, int64_t times, int64_t amount);

// what the provider is linked with but our programs never reach: a call is a finding
#define NEVER(name)                                                                                                    \
  int name(void) {                                                                                                     \
    counted("unexpected|" #name, 1, 0);                                                                                \
    return 0;                                                                                                          \
  }
// what has nothing to do here
#define NOTHING(name)                                                                                                  \
  int name(void) { return 0; }
