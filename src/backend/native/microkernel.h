// The innermost product: a few rows of A times one or two vectors of B's columns, in registers.
#pragma once
#include <algorithm>

#include "vector.h"

namespace gcnc {

// What the products take, 32 bits a unit: one float32, or two bfloat16 that are neighbours along the summed axis. Sums are float32.
template <class Factor>
struct Product;

template <>
struct Product<float> {
  static constexpr int kPerUnit = 1;
  static Vector multiplyAdd(Vector sum, __m512i a, __m512i b) {
    return _mm512_fmadd_ps(_mm512_castsi512_ps(a), _mm512_castsi512_ps(b), sum);
  }
};

template <>
struct Product<BFloat16> {
  static constexpr int kPerUnit = 2;
  static Vector multiplyAdd(Vector sum, __m512i a, __m512i b) {
    return _mm512_dpbf16_ps(sum, (__m512bh)a, (__m512bh)b);
  }
};

// Strides of C[row][column] (+)= sum over `steps` of A[row][step] B[step][column], in units; columns of B and C are adjacent.
struct ProductStrides {
  int64_t aRow, aStep, bStep, cRow;
};

template <class Factor, int rows, int vectors>
void microkernel(const uint32_t* a, const uint32_t* b, float* c, int64_t steps, const ProductStrides& by, bool accumulate) {
  Vector sums[rows][vectors];
#pragma GCC unroll 16
  for (int r = 0; r < rows; r++)
#pragma GCC unroll 2
    for (int v = 0; v < vectors; v++)
      sums[r][v] = accumulate ? _mm512_loadu_ps(c + r * by.cRow + v * kLanes) : _mm512_setzero_ps();
  for (int64_t step = 0; step < steps; step++) {
    __m512i columns[vectors];
#pragma GCC unroll 2
    for (int v = 0; v < vectors; v++) columns[v] = _mm512_loadu_si512(b + v * kLanes);
#pragma GCC unroll 16
    for (int r = 0; r < rows; r++) {
      const __m512i one = _mm512_set1_epi32(static_cast<int>(a[r * by.aRow]));
#pragma GCC unroll 2
      for (int v = 0; v < vectors; v++) sums[r][v] = Product<Factor>::multiplyAdd(sums[r][v], one, columns[v]);
    }
    a += by.aStep;
    b += by.bStep;
  }
#pragma GCC unroll 16
  for (int r = 0; r < rows; r++)
#pragma GCC unroll 2
    for (int v = 0; v < vectors; v++) _mm512_storeu_ps(c + r * by.cRow + v * kLanes, sums[r][v]);
}

constexpr int kMostRows = 12;

template <class Factor, int vectors, int rows = kMostRows>
void microkernelOfRows(int64_t count, const uint32_t* a, const uint32_t* b, float* c, int64_t steps,
                       const ProductStrides& by, bool accumulate) {
  if (count == rows) return microkernel<Factor, rows, vectors>(a, b, c, steps, by, accumulate);
  if constexpr (rows > 1) microkernelOfRows<Factor, vectors, rows - 1>(count, a, b, c, steps, by, accumulate);
}

// `rows` rows of C, `vectors` (1 or 2) times 16 columns wide, in groups of rows as equal as can be.
template <class Factor>
void multiply(int64_t rows, int vectors, const uint32_t* a, const uint32_t* b, float* c, int64_t steps,
              const ProductStrides& by, bool accumulate) {
  const int64_t groups = (rows + kMostRows - 1) / kMostRows;
  for (int64_t group = 0, row = 0; group < groups; group++) {
    const int64_t count = (rows - row + groups - group - 1) / (groups - group);
    const uint32_t* from = a + row * by.aRow;
    float* to = c + row * by.cRow;
    if (vectors == 2)
      microkernelOfRows<Factor, 2>(count, from, b, to, steps, by, accumulate);
    else
      microkernelOfRows<Factor, 1>(count, from, b, to, steps, by, accumulate);
    row += count;
  }
}

}  // namespace gcnc
