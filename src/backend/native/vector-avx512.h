// AVX-512 (F, BW, VL, DQ): sixteen lanes; products of bfloat16 where the compiler has them (AVX512_BF16).
#pragma once
#include <immintrin.h>

namespace gcnc {

using Vector = __m512;
using Lanes = __mmask16;
using Choice = __mmask16;
constexpr int kLanes = 16;
// Rows of a product whose sums fit into registers, two vectors each.
constexpr int kMostRows = 12;

constexpr Lanes kWhole = 0xffff;

// The lanes of `left` values that are still there.
inline Lanes lanes(int64_t left) { return left >= kLanes ? kWhole : static_cast<Lanes>((1u << left) - 1); }

inline Vector all(float value) { return _mm512_set1_ps(value); }
inline Vector add(Vector x, Vector y) { return _mm512_add_ps(x, y); }
inline Vector subtract(Vector x, Vector y) { return _mm512_sub_ps(x, y); }
inline Vector multiply(Vector x, Vector y) { return _mm512_mul_ps(x, y); }
// x y + z, and z - x y.
inline Vector multiplyAdd(Vector x, Vector y, Vector z) { return _mm512_fmadd_ps(x, y, z); }
inline Vector subtractProduct(Vector z, Vector x, Vector y) { return _mm512_fnmadd_ps(x, y, z); }
// NaN where y is, and y where x is NaN.
inline Vector maximum(Vector x, Vector y) { return _mm512_max_ps(x, y); }

inline Choice isPositive(Vector x) { return _mm512_cmp_ps_mask(x, _mm512_setzero_ps(), _CMP_GT_OQ); }
inline Choice isNaN(Vector x) { return _mm512_cmp_ps_mask(x, x, _CMP_UNORD_Q); }
inline Choice isEqual(Vector x, Vector y) { return _mm512_cmp_ps_mask(x, y, _CMP_EQ_OQ); }
inline Choice everywhere() { return 0xffff; }
inline Choice both(Choice x, Choice y) { return x & y; }
inline Choice either(Choice x, Choice y) { return x | y; }
inline Choice butNot(Choice x, Choice y) { return x & ~y; }
inline bool isAny(Choice x) { return x != 0; }
inline Vector choose(Choice which, Vector yes, Vector no) { return _mm512_mask_blend_ps(which, no, yes); }

// Whole vectors go without a mask: masked ones keep the processor (Zen 5) from fetching ahead, at a third of the speed.
inline Vector load(const float* from, Lanes lanes = kWhole) {
  return __builtin_expect(lanes == kWhole, 1) ? _mm512_loadu_ps(from) : _mm512_maskz_loadu_ps(lanes, from);
}
inline __m256i loadHalves(const BFloat16* from, Lanes lanes) {
  return __builtin_expect(lanes == kWhole, 1) ? _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from))
                                              : _mm256_maskz_loadu_epi16(lanes, from);
}
inline Vector load(const BFloat16* from, Lanes lanes = kWhole) {
  return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(loadHalves(from, lanes)), 16));
}

// Rounds to the nearest bfloat16, to the even one of two; NaN stays NaN.
inline __m256i narrow(Vector value) {
#if defined(__AVX512BF16__)
  return (__m256i)_mm512_cvtneps_pbh(value);
#else
  const __m512i bits = _mm512_castps_si512(value), upper = _mm512_srli_epi32(bits, 16);
  const __m512i half = _mm512_add_epi32(_mm512_and_si512(upper, _mm512_set1_epi32(1)), _mm512_set1_epi32(0x7fff));
  const __m512i rounded = _mm512_srli_epi32(_mm512_add_epi32(bits, half), 16);
  return _mm512_cvtepi32_epi16(_mm512_mask_or_epi32(rounded, isNaN(value), upper, _mm512_set1_epi32(0x40)));
#endif
}

inline void storeHalves(BFloat16* to, Lanes lanes, __m256i halves) {
  if (__builtin_expect(lanes == kWhole, 1))
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), halves);
  else
    _mm256_mask_storeu_epi16(to, lanes, halves);
}
inline void store(float* to, Lanes lanes, Vector value) {
  if (__builtin_expect(lanes == kWhole, 1))
    _mm512_storeu_ps(to, value);
  else
    _mm512_mask_storeu_ps(to, lanes, value);
}
inline void store(BFloat16* to, Lanes lanes, Vector value) { storeHalves(to, lanes, narrow(value)); }

// As `store`, past the caches where the vector is whole.
inline void stream(float* to, Lanes lanes, Vector value) {
  if (lanes == kWhole && reinterpret_cast<uintptr_t>(to) % sizeof(Vector) == 0)
    _mm512_stream_ps(to, value);
  else
    store(to, lanes, value);
}
inline void fence() { _mm_sfence(); }

inline void copyHalves(BFloat16* to, const BFloat16* from, Lanes lanes) { storeHalves(to, lanes, loadHalves(from, lanes)); }

inline void addTo(double* sums, Lanes lanes, Vector value) {
  const auto addHalf = [](double* to, __mmask8 half, __m256 values) {
    _mm512_mask_storeu_pd(to, half, _mm512_add_pd(_mm512_maskz_loadu_pd(half, to), _mm512_cvtps_pd(values)));
  };
  addHalf(sums, lanes & 0xff, _mm512_castps512_ps256(value));
  addHalf(sums + 8, lanes >> 8, _mm512_extractf32x8_ps(value, 1));
}

inline Vector loadUnits(const Unit* from) { return _mm512_loadu_ps(from); }
inline Vector repeatUnit(const Unit* from) { return _mm512_castsi512_ps(_mm512_set1_epi32(static_cast<int>(*from))); }
inline void storeUnits(Unit* to, Vector units) { _mm512_storeu_ps(to, units); }
inline void storeUnits(Unit* to, Lanes lanes, Vector units) { _mm512_mask_storeu_ps(to, lanes, units); }

#if defined(__AVX512BF16__)
#define GCNC_BFLOAT16_PRODUCTS
// sum + the products of both halves of each unit.
inline Vector multiplyAddPairs(Vector x, Vector y, Vector sum) {
  return _mm512_dpbf16_ps(sum, (__m512bh)_mm512_castps_si512(x), (__m512bh)_mm512_castps_si512(y));
}
// Two rows rounded to bfloat16, their values alternating.
inline Vector interleave(Vector even, Vector odd) {
  const __m512i low = _mm512_cvtepu16_epi32(narrow(even));
  const __m512i high = _mm512_slli_epi32(_mm512_cvtepu16_epi32(narrow(odd)), 16);
  return _mm512_castsi512_ps(_mm512_or_si512(low, high));
}
// As `interleave`, of values that are bfloat16 already.
inline Vector interleaveExact(Vector even, Vector odd) {
  const __m512i low = _mm512_srli_epi32(_mm512_castps_si512(even), 16);
  return _mm512_castsi512_ps(_mm512_or_si512(low, _mm512_castps_si512(odd)));
}
#endif

// Rows of as many values, turned into columns.
inline void transpose(Vector rows[kLanes]) {
  Vector t[16];
  for (int i = 0; i < 16; i += 2) {
    t[i] = _mm512_unpacklo_ps(rows[i], rows[i + 1]);
    t[i + 1] = _mm512_unpackhi_ps(rows[i], rows[i + 1]);
  }
  for (int i = 0; i < 16; i += 4) {
    const auto pd = [](Vector v) { return _mm512_castps_pd(v); };
    rows[i] = _mm512_castpd_ps(_mm512_unpacklo_pd(pd(t[i]), pd(t[i + 2])));
    rows[i + 1] = _mm512_castpd_ps(_mm512_unpackhi_pd(pd(t[i]), pd(t[i + 2])));
    rows[i + 2] = _mm512_castpd_ps(_mm512_unpacklo_pd(pd(t[i + 1]), pd(t[i + 3])));
    rows[i + 3] = _mm512_castpd_ps(_mm512_unpackhi_pd(pd(t[i + 1]), pd(t[i + 3])));
  }
  for (int i = 0; i < 4; i++) {
    t[i] = _mm512_shuffle_f32x4(rows[i], rows[i + 4], 0x88);
    t[i + 4] = _mm512_shuffle_f32x4(rows[i + 8], rows[i + 12], 0x88);
    t[i + 8] = _mm512_shuffle_f32x4(rows[i], rows[i + 4], 0xdd);
    t[i + 12] = _mm512_shuffle_f32x4(rows[i + 8], rows[i + 12], 0xdd);
  }
  for (int i = 0; i < 4; i++) {
    rows[i] = _mm512_shuffle_f32x4(t[i], t[i + 4], 0x88);
    rows[i + 8] = _mm512_shuffle_f32x4(t[i], t[i + 4], 0xdd);
    rows[i + 4] = _mm512_shuffle_f32x4(t[i + 8], t[i + 12], 0x88);
    rows[i + 12] = _mm512_shuffle_f32x4(t[i + 8], t[i + 12], 0xdd);
  }
}

}  // namespace gcnc
