// The innermost product: a few rows of A times one or two vectors of B's columns, in registers.
#pragma once
#include <algorithm>

#include "vector.h"

namespace gcnc {

// What the products take of a type that is stored: sums are float32 always.
template <class Stored>
struct FactorsOf {
  using Factor = float;
};

template <class Factor>
struct Product;

template <>
struct Product<float> {
  static constexpr int kPerUnit = 1;
  static Vector add(Vector x, Vector y, Vector sum) { return multiplyAdd(x, y, sum); }
};

#if defined(GCNC_BFLOAT16_PRODUCTS)
template <>
struct FactorsOf<BFloat16> {
  using Factor = BFloat16;
};

// A unit holds two that are neighbours along the summed axis.
template <>
struct Product<BFloat16> {
  static constexpr int kPerUnit = 2;
  static Vector add(Vector x, Vector y, Vector sum) { return multiplyAddPairs(x, y, sum); }
};
#endif

// Columns of a product that are taken together.
constexpr int64_t kBlockColumns = 2 * kLanes;

// Strides of C[row][column] (+)= sum over `steps` of A[row][step] B[step][column], in units; columns of B and C are adjacent.
struct ProductStrides {
  int64_t aRow, aStep, bStep, cRow;
};

template <class Factor, int rows, int vectors>
void microkernel(const Unit* a, const Unit* b, float* c, int64_t steps, const ProductStrides& by, bool accumulate) {
  Vector sums[rows][vectors];
  GCNC_UNROLL
  for (int r = 0; r < rows; r++)
    GCNC_UNROLL
    for (int v = 0; v < vectors; v++) sums[r][v] = accumulate ? load(c + r * by.cRow + v * kLanes) : all(0);
  for (int64_t step = 0; step < steps; step++) {
    Vector columns[vectors];
    GCNC_UNROLL
    for (int v = 0; v < vectors; v++) columns[v] = loadUnits(b + v * kLanes);
    GCNC_UNROLL
    for (int r = 0; r < rows; r++) {
      const Vector one = repeatUnit(a + r * by.aRow);
      GCNC_UNROLL
      for (int v = 0; v < vectors; v++) sums[r][v] = Product<Factor>::add(one, columns[v], sums[r][v]);
    }
    a += by.aStep;
    b += by.bStep;
  }
  GCNC_UNROLL
  for (int r = 0; r < rows; r++)
    GCNC_UNROLL
    for (int v = 0; v < vectors; v++) store(c + r * by.cRow + v * kLanes, kWhole, sums[r][v]);
}

template <class Factor, int vectors, int rows = kMostRows>
void microkernelOfRows(int64_t count, const Unit* a, const Unit* b, float* c, int64_t steps,
                       const ProductStrides& by, bool accumulate) {
  if (count == rows) return microkernel<Factor, rows, vectors>(a, b, c, steps, by, accumulate);
  if constexpr (rows > 1) microkernelOfRows<Factor, vectors, rows - 1>(count, a, b, c, steps, by, accumulate);
}

// `rows` rows of C, `vectors` (1 or 2) vectors wide, in groups of rows as equal as can be.
template <class Factor>
void multiply(int64_t rows, int vectors, const Unit* a, const Unit* b, float* c, int64_t steps,
              const ProductStrides& by, bool accumulate) {
  const int64_t groups = (rows + kMostRows - 1) / kMostRows;
  for (int64_t group = 0, row = 0; group < groups; group++) {
    const int64_t count = (rows - row + groups - group - 1) / (groups - group);
    const Unit* from = a + row * by.aRow;
    float* to = c + row * by.cRow;
    if (vectors == 2)
      microkernelOfRows<Factor, 2>(count, from, b, to, steps, by, accumulate);
    else
      microkernelOfRows<Factor, 1>(count, from, b, to, steps, by, accumulate);
    row += count;
  }
}

}  // namespace gcnc
