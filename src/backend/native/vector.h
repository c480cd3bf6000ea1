// Sixteen channels at a time: AVX-512 loads and stores of float32 and bfloat16, and products of either.
#pragma once
#include <immintrin.h>

#include <cstdint>
#include <cstring>

namespace gcnc {

struct BFloat16 {
  uint16_t bits;
};

using Vector = __m512;
constexpr int kLanes = 16;

// The lanes of `left` values that are still there.
inline __mmask16 lanes(int64_t left) { return left >= kLanes ? 0xffff : static_cast<__mmask16>((1u << left) - 1); }

inline Vector load(const float* from, __mmask16 mask) { return _mm512_maskz_loadu_ps(mask, from); }
inline Vector load(const BFloat16* from, __mmask16 mask) {
  const __m256i half = _mm256_maskz_loadu_epi16(mask, from);
  return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(half), 16));
}

inline __m256i narrow(Vector value) { return (__m256i)_mm512_cvtneps_pbh(value); }

inline void store(float* to, __mmask16 mask, Vector value) { _mm512_mask_storeu_ps(to, mask, value); }
inline void store(BFloat16* to, __mmask16 mask, Vector value) { _mm256_mask_storeu_epi16(to, mask, narrow(value)); }

// Two rows of bfloat16, their values alternating: what a product of pairs takes.
inline __m512i interleave(Vector even, Vector odd) {
  const __m512i low = _mm512_cvtepu16_epi32(narrow(even));
  const __m512i high = _mm512_slli_epi32(_mm512_cvtepu16_epi32(narrow(odd)), 16);
  return _mm512_or_si512(low, high);
}

inline int64_t roundUp(int64_t value, int64_t multiple) { return (value + multiple - 1) / multiple * multiple; }

// Rows whose length is a multiple of the caches' page get a line more, or they would all share a few sets.
inline int64_t paddedRow(int64_t units) { return units % 256 == 0 ? units + kLanes : units; }

}  // namespace gcnc
