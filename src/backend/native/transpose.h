// Sixteen rows of sixteen values, turned into columns.
#pragma once
#include "vector.h"

namespace gcnc {

inline void transpose16(Vector rows[16]) {
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

// Sixteen inputs from `input` on, vectors of 16 outputs from `output` on, of a matrix [rows, columns] of inputs by outputs, or with
// `transposed` of outputs by inputs; zeros beyond its ends.
inline void loadSquare(const float* matrix, int64_t rows, int64_t columns, bool transposed, int64_t input, int64_t output,
                       Vector square[16]) {
  const int64_t row = transposed ? output : input, column = transposed ? input : output;
  const __mmask16 mask = lanes(columns - column);
  for (int i = 0; i < 16; i++)
    square[i] = row + i < rows ? load(matrix + (row + i) * columns + column, mask) : _mm512_setzero_ps();
  if (transposed) transpose16(square);
}

}  // namespace gcnc
