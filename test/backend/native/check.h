// What the kernels' tests share: values, plain sums in float64 to compare with, and a count of what failed.
#pragma once
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "../../../src/backend/native/vector.h"

namespace gcnc {

inline int failures = 0;

inline void check(bool holds, const std::string& what) {
  if (holds) return;
  failures++;
  std::printf("not so: %s\n", what.c_str());
}

inline float wide(float value) { return value; }
inline float wide(BFloat16 value) {
  const uint32_t bits = static_cast<uint32_t>(value.bits) << 16;
  float result;
  std::memcpy(&result, &bits, sizeof result);
  return result;
}

// To the nearest bfloat16, to the even one of two.
inline void assign(float& to, double value) { to = static_cast<float>(value); }
inline void assign(BFloat16& to, double value) {
  const float narrow = static_cast<float>(value);
  uint32_t bits;
  std::memcpy(&bits, &narrow, sizeof bits);
  to.bits = std::isnan(narrow) ? static_cast<uint16_t>(bits >> 16 | 0x40) : static_cast<uint16_t>((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

// Values in [-1, 1) that follow from the seed; exactly as many as are asked for, so that a read past them is found.
template <class Stored>
std::vector<Stored> made(int64_t count, uint32_t seed) {
  std::vector<Stored> values(static_cast<size_t>(count));
  uint32_t state = seed * 2654435761u + 1;
  for (Stored& value : values) {
    state = state * 1664525u + 1013904223u;
    assign(value, static_cast<double>(state >> 8) / (1 << 23) - 1);
  }
  return values;
}

template <class Stored>
constexpr bool isNarrow = sizeof(Stored) == 2;

// Root mean square of the difference, in units of the expected values'.
template <class Stored>
void checkClose(const std::vector<Stored>& found, const std::vector<double>& expected, double tolerance, const std::string& what) {
  double error = 0, norm = 1e-300;
  for (size_t at = 0; at < expected.size(); at++) {
    error += std::pow(wide(found[at]) - expected[at], 2);
    norm += std::pow(expected[at], 2);
  }
  const double relative = std::sqrt(error / norm);
  check(found.size() == expected.size() && relative <= tolerance, what + ": relative error " + std::to_string(relative * 1e6) + "e-6");
}

void checkThreads();
void checkWithoutThreads();
void checkConvolutions();
void checkLayers();

}  // namespace gcnc
