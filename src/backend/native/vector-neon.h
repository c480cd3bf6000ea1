// NEON of 64-bit Arm: four lanes.
#pragma once
#include <arm_neon.h>

namespace gcnc {

using Vector = float32x4_t;
using Lanes = int;
using Choice = uint32x4_t;
constexpr int kLanes = 4;
// Rows of a product whose sums fit into registers, two vectors each.
constexpr int kMostRows = 12;

constexpr Lanes kWhole = kLanes;

// The lanes of `left` values that are still there.
inline Lanes lanes(int64_t left) { return left >= kLanes ? kWhole : static_cast<Lanes>(left); }

inline Vector all(float value) { return vdupq_n_f32(value); }
inline Vector add(Vector x, Vector y) { return vaddq_f32(x, y); }
inline Vector subtract(Vector x, Vector y) { return vsubq_f32(x, y); }
inline Vector multiply(Vector x, Vector y) { return vmulq_f32(x, y); }
// x y + z, and z - x y.
inline Vector multiplyAdd(Vector x, Vector y, Vector z) { return vfmaq_f32(z, x, y); }
inline Vector subtractProduct(Vector z, Vector x, Vector y) { return vfmsq_f32(z, x, y); }
// NaN where either is.
inline Vector maximum(Vector x, Vector y) { return vmaxq_f32(x, y); }

inline Choice isPositive(Vector x) { return vcgtq_f32(x, vdupq_n_f32(0)); }
inline Choice isNaN(Vector x) { return vmvnq_u32(vceqq_f32(x, x)); }
inline Choice isEqual(Vector x, Vector y) { return vceqq_f32(x, y); }
inline Choice everywhere() { return vdupq_n_u32(~0u); }
inline Choice both(Choice x, Choice y) { return vandq_u32(x, y); }
inline Choice either(Choice x, Choice y) { return vorrq_u32(x, y); }
inline Choice butNot(Choice x, Choice y) { return vbicq_u32(x, y); }
inline bool isAny(Choice x) { return vmaxvq_u32(x) != 0; }
inline Vector choose(Choice which, Vector yes, Vector no) { return vbslq_f32(which, yes, no); }

// The first so many of four values, and zeros.
template <class Value>
inline void loadSome(Value (&some)[kLanes], const void* from, Lanes lanes) {
  std::memset(some, 0, sizeof some);
  std::memcpy(some, from, lanes * sizeof(Value));
}

inline Vector load(const float* from, Lanes lanes = kWhole) {
  if (__builtin_expect(lanes == kWhole, 1)) return vld1q_f32(from);
  float some[kLanes];
  loadSome(some, from, lanes);
  return vld1q_f32(some);
}
inline uint16x4_t loadHalves(const BFloat16* from, Lanes lanes) {
  uint16_t some[kLanes];
  if (__builtin_expect(lanes == kWhole, 1))
    std::memcpy(some, from, sizeof some);
  else
    loadSome(some, from, lanes);
  return vld1_u16(some);
}
inline Vector load(const BFloat16* from, Lanes lanes = kWhole) {
  return vreinterpretq_f32_u32(vshlq_n_u32(vmovl_u16(loadHalves(from, lanes)), 16));
}

// Rounds to the nearest bfloat16, to the even one of two; NaN stays NaN.
inline uint16x4_t narrow(Vector value) {
  const uint32x4_t bits = vreinterpretq_u32_f32(value), upper = vshrq_n_u32(bits, 16);
  const uint32x4_t half = vaddq_u32(vandq_u32(upper, vdupq_n_u32(1)), vdupq_n_u32(0x7fff));
  const uint32x4_t rounded = vshrq_n_u32(vaddq_u32(bits, half), 16);
  return vmovn_u32(vbslq_u32(isNaN(value), vorrq_u32(upper, vdupq_n_u32(0x40)), rounded));
}

inline void storeHalves(BFloat16* to, Lanes lanes, uint16x4_t halves) {
  uint16_t some[kLanes];
  vst1_u16(some, halves);
  std::memcpy(to, some, lanes * sizeof(BFloat16));
}
inline void store(float* to, Lanes lanes, Vector value) {
  if (__builtin_expect(lanes == kWhole, 1)) return vst1q_f32(to, value);
  float some[kLanes];
  vst1q_f32(some, value);
  std::memcpy(to, some, lanes * sizeof(float));
}
inline void store(BFloat16* to, Lanes lanes, Vector value) { storeHalves(to, lanes, narrow(value)); }

inline void fence() {}

inline void copyHalves(BFloat16* to, const BFloat16* from, Lanes lanes) { std::memcpy(to, from, lanes * sizeof(BFloat16)); }

inline void addTo(double* sums, Lanes lanes, Vector value) {
  float each[kLanes];
  vst1q_f32(each, value);
  for (int lane = 0; lane < lanes; lane++) sums[lane] += static_cast<double>(each[lane]);
}

inline Vector loadUnits(const Unit* from) {
  Vector units;
  std::memcpy(&units, from, sizeof units);
  return units;
}
inline Vector repeatUnit(const Unit* from) { return vreinterpretq_f32_u32(vdupq_n_u32(*from)); }
inline void storeUnits(Unit* to, Vector units) { std::memcpy(to, &units, sizeof units); }

// Rows of as many values, turned into columns.
inline void transpose(Vector rows[kLanes]) {
  const float32x4x2_t low = vtrnq_f32(rows[0], rows[1]), high = vtrnq_f32(rows[2], rows[3]);
  rows[0] = vcombine_f32(vget_low_f32(low.val[0]), vget_low_f32(high.val[0]));
  rows[1] = vcombine_f32(vget_low_f32(low.val[1]), vget_low_f32(high.val[1]));
  rows[2] = vcombine_f32(vget_high_f32(low.val[0]), vget_high_f32(high.val[0]));
  rows[3] = vcombine_f32(vget_high_f32(low.val[1]), vget_high_f32(high.val[1]));
}

}  // namespace gcnc
