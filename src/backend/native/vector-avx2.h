// AVX2 with FMA: eight lanes.
#pragma once
#include <immintrin.h>

namespace gcnc {

using Vector = __m256;
using Lanes = int;
using Choice = __m256;
constexpr int kLanes = 8;
// Rows of a product whose sums fit into registers, two vectors each.
constexpr int kMostRows = 6;

constexpr Lanes kWhole = kLanes;

// The lanes of `left` values that are still there.
inline Lanes lanes(int64_t left) { return left >= kLanes ? kWhole : static_cast<Lanes>(left); }

inline Vector all(float value) { return _mm256_set1_ps(value); }
inline Vector add(Vector x, Vector y) { return _mm256_add_ps(x, y); }
inline Vector subtract(Vector x, Vector y) { return _mm256_sub_ps(x, y); }
inline Vector multiply(Vector x, Vector y) { return _mm256_mul_ps(x, y); }
// x y + z, and z - x y.
inline Vector multiplyAdd(Vector x, Vector y, Vector z) { return _mm256_fmadd_ps(x, y, z); }
inline Vector subtractProduct(Vector z, Vector x, Vector y) { return _mm256_fnmadd_ps(x, y, z); }
// NaN where y is, and y where x is NaN.
inline Vector maximum(Vector x, Vector y) { return _mm256_max_ps(x, y); }

inline Choice isPositive(Vector x) { return _mm256_cmp_ps(x, _mm256_setzero_ps(), _CMP_GT_OQ); }
inline Choice isNaN(Vector x) { return _mm256_cmp_ps(x, x, _CMP_UNORD_Q); }
inline Choice isEqual(Vector x, Vector y) { return _mm256_cmp_ps(x, y, _CMP_EQ_OQ); }
inline Choice everywhere() { return _mm256_castsi256_ps(_mm256_set1_epi32(-1)); }
inline Choice both(Choice x, Choice y) { return _mm256_and_ps(x, y); }
inline Choice either(Choice x, Choice y) { return _mm256_or_ps(x, y); }
inline Choice butNot(Choice x, Choice y) { return _mm256_andnot_ps(y, x); }
inline bool isAny(Choice x) { return _mm256_movemask_ps(x) != 0; }
inline Vector choose(Choice which, Vector yes, Vector no) { return _mm256_blendv_ps(no, yes, which); }

// Ones for the first so many of eight.
inline __m256i maskOf(Lanes lanes) {
  alignas(64) static const int32_t ones[2 * kLanes] = {-1, -1, -1, -1, -1, -1, -1, -1};
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(ones + kLanes - lanes));
}

inline Vector load(const float* from, Lanes lanes = kWhole) {
  return __builtin_expect(lanes == kWhole, 1) ? _mm256_loadu_ps(from) : _mm256_maskload_ps(from, maskOf(lanes));
}
inline __m128i loadHalves(const BFloat16* from, Lanes lanes) {
  if (__builtin_expect(lanes == kWhole, 1)) return _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
  alignas(16) BFloat16 some[kLanes] = {};
  std::memcpy(some, from, lanes * sizeof(BFloat16));
  return _mm_load_si128(reinterpret_cast<const __m128i*>(some));
}
inline Vector load(const BFloat16* from, Lanes lanes = kWhole) {
  return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(loadHalves(from, lanes)), 16));
}

// Rounds to the nearest bfloat16, to the even one of two; NaN stays NaN.
inline __m128i narrow(Vector value) {
  const __m256i bits = _mm256_castps_si256(value), upper = _mm256_srli_epi32(bits, 16);
  const __m256i half = _mm256_add_epi32(_mm256_and_si256(upper, _mm256_set1_epi32(1)), _mm256_set1_epi32(0x7fff));
  const __m256i rounded = _mm256_srli_epi32(_mm256_add_epi32(bits, half), 16);
  const __m256i quiet = _mm256_or_si256(upper, _mm256_set1_epi32(0x40));
  const __m256i kept = _mm256_blendv_epi8(rounded, quiet, _mm256_castps_si256(isNaN(value)));
  return _mm_packus_epi32(_mm256_castsi256_si128(kept), _mm256_extracti128_si256(kept, 1));
}

inline void storeHalves(BFloat16* to, Lanes lanes, __m128i halves) {
  if (__builtin_expect(lanes == kWhole, 1)) return _mm_storeu_si128(reinterpret_cast<__m128i*>(to), halves);
  alignas(16) BFloat16 some[kLanes];
  _mm_store_si128(reinterpret_cast<__m128i*>(some), halves);
  std::memcpy(to, some, lanes * sizeof(BFloat16));
}
inline void store(float* to, Lanes lanes, Vector value) {
  if (__builtin_expect(lanes == kWhole, 1))
    _mm256_storeu_ps(to, value);
  else
    _mm256_maskstore_ps(to, maskOf(lanes), value);
}
inline void store(BFloat16* to, Lanes lanes, Vector value) { storeHalves(to, lanes, narrow(value)); }

inline void fence() {}

inline void copyHalves(BFloat16* to, const BFloat16* from, Lanes lanes) { storeHalves(to, lanes, loadHalves(from, lanes)); }

inline void addTo(double* sums, Lanes lanes, Vector value) {
  const __m256d low = _mm256_cvtps_pd(_mm256_castps256_ps128(value)), high = _mm256_cvtps_pd(_mm256_extractf128_ps(value, 1));
  if (lanes == kWhole) {
    _mm256_storeu_pd(sums, _mm256_add_pd(_mm256_loadu_pd(sums), low));
    _mm256_storeu_pd(sums + 4, _mm256_add_pd(_mm256_loadu_pd(sums + 4), high));
    return;
  }
  alignas(32) double each[kLanes];
  _mm256_store_pd(each, low);
  _mm256_store_pd(each + 4, high);
  for (int lane = 0; lane < lanes; lane++) sums[lane] += each[lane];
}

inline Vector loadUnits(const Unit* from) { return _mm256_castsi256_ps(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(from))); }
inline Vector repeatUnit(const Unit* from) { return _mm256_castsi256_ps(_mm256_set1_epi32(static_cast<int>(*from))); }
inline void storeUnits(Unit* to, Vector units) { _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), _mm256_castps_si256(units)); }

// Rows of as many values, turned into columns.
inline void transpose(Vector rows[kLanes]) {
  Vector t[8], s[8];
  for (int i = 0; i < 8; i += 2) {
    t[i] = _mm256_unpacklo_ps(rows[i], rows[i + 1]);
    t[i + 1] = _mm256_unpackhi_ps(rows[i], rows[i + 1]);
  }
  for (int i = 0; i < 8; i += 4) {
    s[i] = _mm256_shuffle_ps(t[i], t[i + 2], 0x44);
    s[i + 1] = _mm256_shuffle_ps(t[i], t[i + 2], 0xee);
    s[i + 2] = _mm256_shuffle_ps(t[i + 1], t[i + 3], 0x44);
    s[i + 3] = _mm256_shuffle_ps(t[i + 1], t[i + 3], 0xee);
  }
  for (int i = 0; i < 4; i++) {
    rows[i] = _mm256_permute2f128_ps(s[i], s[i + 4], 0x20);
    rows[i + 4] = _mm256_permute2f128_ps(s[i], s[i + 4], 0x31);
  }
}

}  // namespace gcnc
