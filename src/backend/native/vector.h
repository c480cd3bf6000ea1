// A register's worth of channels at a time, in float32 or bfloat16. What differs between instruction sets stands in vector-*.h, one of which
// the compiler's flags choose; nothing else names an instruction.
#pragma once
#include <cstdint>
#include <cstring>

// Loops over arrays of vectors, which are registers only when the loop is unrolled.
#if defined(__clang__)
#define GCNC_UNROLL _Pragma("clang loop unroll(full)")
#else
#define GCNC_UNROLL _Pragma("GCC unroll 36")
#endif

namespace gcnc {

struct BFloat16 {
  uint16_t bits;
};

// 32 bits of what products take: a float32, or two bfloat16. Memory that holds them is written as vectors of either.
using Unit = uint32_t __attribute__((may_alias));

}  // namespace gcnc

// Each has: Vector of kLanes float32; Lanes, the first so many of these; Choice, any of these; and the functions on them.
#if defined(__AVX512F__)
#include "vector-avx512.h"
#elif defined(__AVX2__) && defined(__FMA__)
#include "vector-avx2.h"
#elif defined(__aarch64__)
#include "vector-neon.h"
#else
#error "the kernels need AVX2 with FMA, AVX-512 or NEON"
#endif

namespace gcnc {

#if !defined(GCNC_BFLOAT16_PRODUCTS)
// Named where products are of pairs, and called nowhere.
Vector interleave(Vector even, Vector odd);
Vector interleaveExact(Vector even, Vector odd);
void storeUnits(Unit* to, Lanes lanes, Vector units);
#endif

// y + factor x
inline Vector plusTimes(Vector y, float factor, Vector x) { return multiplyAdd(all(factor), x, y); }
inline Vector times(Vector x, float factor) { return multiply(x, all(factor)); }

// Outputs of this many bytes leave the caches before they are read again: they are written past them, without being read first.
constexpr int64_t kStreamedBytes = 16 << 20;

// A vector that is half a line of the caches would be written to memory as such: batch norm of bfloat16 took twice as long.
template <class Stored>
constexpr bool kFillsLine = kLanes * sizeof(Stored) == 64;

template <class Stored>
inline bool isStreamed(int64_t values) {
  return kFillsLine<Stored> && values * static_cast<int64_t>(sizeof(Stored)) >= kStreamedBytes;
}

// Stores, or streams: a fence must follow before another thread reads what was streamed.
template <class Stored>
inline void put(Stored* to, Lanes lanes, Vector value, bool streamed) {
  if constexpr (kFillsLine<Stored>)
    if (streamed) return stream(to, lanes, value);
  store(to, lanes, value);
}

// x above 0, `slope` x elsewhere: LeakyReLU, or ReLU where the slope is 0. NaN stays NaN, as in TensorFlow's.
inline Vector rectify(Vector x, float slope) {
  if (slope == 0) return maximum(all(0), x);
  return choose(isPositive(x), x, times(x, slope));
}

// The gradient of `rectify`, whose output is y: times 1 or the slope, so that NaN and infinity stay seen where the slope is 0.
inline Vector throughRectified(Vector y, Vector gradient, float slope) {
  return multiply(gradient, choose(isPositive(y), all(1), all(slope)));
}

// Collects whether values are finite: 0 times NaN or infinity is NaN, which then stays.
inline Vector withNonFinite(Vector collected, Vector value) { return multiplyAdd(all(0), value, collected); }
inline bool hasNonFinite(Vector collected) { return isAny(isNaN(collected)); }

inline int64_t roundUp(int64_t value, int64_t multiple) { return (value + multiple - 1) / multiple * multiple; }

// Values of 32 bits in a line of the caches.
constexpr int64_t kLine = 16;

// Rows whose length is a multiple of the caches' page get a line more, or they would all share a few sets.
inline int64_t paddedRow(int64_t units) { return units % 256 == 0 ? units + kLine : units; }

}  // namespace gcnc
