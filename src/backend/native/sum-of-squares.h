// The sum of squares of all values of several tensors.
#pragma once
#include <cstdint>
#include <vector>

namespace gcnc {

struct Values {
  const float* values;
  int64_t count;
};

// Summed in float32 over short runs, then in float64; the same whatever the number of threads.
double sumOfSquares(const std::vector<Values>& tensors);

}  // namespace gcnc
