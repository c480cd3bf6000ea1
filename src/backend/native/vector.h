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

constexpr __mmask16 kWhole = 0xffff;

// The lanes of `left` values that are still there.
inline __mmask16 lanes(int64_t left) { return left >= kLanes ? kWhole : static_cast<__mmask16>((1u << left) - 1); }

// Whole vectors go without a mask: masked ones keep the processor (Zen 5) from fetching ahead, at a third of the speed.
inline Vector load(const float* from, __mmask16 mask) {
  return __builtin_expect(mask == kWhole, 1) ? _mm512_loadu_ps(from) : _mm512_maskz_loadu_ps(mask, from);
}
inline Vector load(const BFloat16* from, __mmask16 mask) {
  const __m256i half = __builtin_expect(mask == kWhole, 1) ? _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from))
                                                           : _mm256_maskz_loadu_epi16(mask, from);
  return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(half), 16));
}

inline __m256i narrow(Vector value) { return (__m256i)_mm512_cvtneps_pbh(value); }

inline void store(float* to, __mmask16 mask, Vector value) {
  if (__builtin_expect(mask == kWhole, 1))
    _mm512_storeu_ps(to, value);
  else
    _mm512_mask_storeu_ps(to, mask, value);
}
inline void store(BFloat16* to, __mmask16 mask, Vector value) {
  if (__builtin_expect(mask == kWhole, 1))
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), narrow(value));
  else
    _mm256_mask_storeu_epi16(to, mask, narrow(value));
}

// Outputs of this many bytes leave the caches before they are read again: they are written past them, without being read first.
constexpr int64_t kStreamedBytes = 16 << 20;

inline bool isStreamed(int64_t bytes) { return bytes >= kStreamedBytes; }

// As `store`, past the caches where the vector is whole; a fence must follow before another thread reads it.
inline void stream(float* to, __mmask16 mask, Vector value) {
  if (mask == kWhole && reinterpret_cast<uintptr_t>(to) % sizeof(Vector) == 0)
    _mm512_stream_ps(to, value);
  else
    store(to, mask, value);
}
inline void stream(BFloat16* to, __mmask16 mask, Vector value) {
  if (mask == kWhole && reinterpret_cast<uintptr_t>(to) % sizeof(__m256i) == 0)
    _mm256_stream_si256(reinterpret_cast<__m256i*>(to), narrow(value));
  else
    store(to, mask, value);
}

template <class Stored>
inline void put(Stored* to, __mmask16 mask, Vector value, bool streamed) {
  if (streamed)
    stream(to, mask, value);
  else
    store(to, mask, value);
}

// Two rows of bfloat16, their values alternating: what a product of pairs takes.
inline __m512i interleave(Vector even, Vector odd) {
  const __m512i low = _mm512_cvtepu16_epi32(narrow(even));
  const __m512i high = _mm512_slli_epi32(_mm512_cvtepu16_epi32(narrow(odd)), 16);
  return _mm512_or_si512(low, high);
}

// x above 0, `slope` x elsewhere: LeakyReLU, or ReLU where the slope is 0. NaN stays NaN, as in TensorFlow's.
inline Vector rectify(Vector x, float slope) {
  // The maximum has its second operand where one of them is NaN.
  if (slope == 0) return _mm512_max_ps(_mm512_setzero_ps(), x);
  return _mm512_mask_mul_ps(x, _mm512_cmp_ps_mask(x, _mm512_setzero_ps(), _CMP_NGT_UQ), x, _mm512_set1_ps(slope));
}

// The gradient of `rectify`, whose output is y: times 1 or the slope, so that NaN and infinity stay seen where the slope is 0.
inline Vector throughRectified(Vector y, Vector gradient, float slope) {
  const __mmask16 isLinear = _mm512_cmp_ps_mask(y, _mm512_setzero_ps(), _CMP_GT_OQ);
  return _mm512_mul_ps(gradient, _mm512_mask_blend_ps(isLinear, _mm512_set1_ps(slope), _mm512_set1_ps(1)));
}

// Collects whether values are finite: 0 times NaN or infinity is NaN, which then stays.
inline Vector withNonFinite(Vector collected, Vector value) { return _mm512_fmadd_ps(_mm512_setzero_ps(), value, collected); }
inline bool hasNonFinite(Vector collected) { return _mm512_cmp_ps_mask(collected, collected, _CMP_UNORD_Q) != 0; }

inline int64_t roundUp(int64_t value, int64_t multiple) { return (value + multiple - 1) / multiple * multiple; }

// Rows whose length is a multiple of the caches' page get a line more, or they would all share a few sets.
inline int64_t paddedRow(int64_t units) { return units % 256 == 0 ? units + kLanes : units; }

}  // namespace gcnc
