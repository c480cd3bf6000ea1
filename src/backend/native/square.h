// A square of a matrix, as vectors of its columns.
#pragma once
#include "vector.h"

namespace gcnc {

// As many inputs as a vector has lanes, from `input` on: vectors of outputs from `output` on, of a matrix [rows, columns] of inputs by outputs, or
// with `transposed` of outputs by inputs; zeros beyond its ends.
inline void loadSquare(const float* matrix, int64_t rows, int64_t columns, bool transposed, int64_t input, int64_t output,
                       Vector square[kLanes]) {
  const int64_t row = transposed ? output : input, column = transposed ? input : output;
  const Lanes some = lanes(columns - column);
  for (int i = 0; i < kLanes; i++) square[i] = row + i < rows ? load(matrix + (row + i) * columns + column, some) : all(0);
  if (transposed) transpose(square);
}

}  // namespace gcnc
