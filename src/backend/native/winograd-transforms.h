// Winograd's minimal filtering of 4x4 outputs by 3x3 filters (Lavin and Gray 2016, arXiv 1509.09308) on vectors of channels.
//
// Points 0, +-a, +-b and infinity with a^2 = 1/2, b^2 = 2: in float32 about half the error of the usual 0, +-1, +-2. One axis:
// tile of 6 values -> 6 products -> 4 outputs, and for the filter's gradient -> 3. Each function is one axis; both axes are two calls.
#pragma once
#include "vector.h"

namespace gcnc {

constexpr int kTile = 6, kOutputs = 4, kTaps = 3, kProducts = kTile * kTile;

constexpr float kA = 0.70710678118654752f, kB = 1.41421356237309505f;
constexpr float kA2 = 0.5f, kB2 = 2.0f, kA3 = kA2 * kA, kB3 = kB2 * kB;

// Rows of B^T: the coefficients of the product of (x - other points).
inline void transformInput(const Vector d[6], Vector t[6]) {
  const Vector evenA = plusTimes(d[4], -kB2, d[2]), oddA = times(plusTimes(d[3], -kB2, d[1]), kA);
  const Vector evenB = plusTimes(d[4], -kA2, d[2]), oddB = times(plusTimes(d[3], -kA2, d[1]), kB);
  t[0] = plusTimes(add(d[0], d[4]), -(kA2 + kB2), d[2]);
  t[1] = add(evenA, oddA);
  t[2] = subtract(evenA, oddA);
  t[3] = add(evenB, oddB);
  t[4] = subtract(evenB, oddB);
  t[5] = plusTimes(add(d[1], d[5]), -(kA2 + kB2), d[3]);
}

// The filter as a polynomial at the points, divided by the product of the differences between points.
constexpr float kScaleA = 1 / (2 * kA2 * (kA2 - kB2)), kScaleB = 1 / (2 * kB2 * (kB2 - kA2));

inline void transformFilter(const Vector g[3], Vector u[6]) {
  const Vector evenA = times(plusTimes(g[0], kA2, g[2]), kScaleA), oddA = times(g[1], kA * kScaleA);
  const Vector evenB = times(plusTimes(g[0], kB2, g[2]), kScaleB), oddB = times(g[1], kB * kScaleB);
  u[0] = g[0];
  u[1] = add(evenA, oddA);
  u[2] = subtract(evenA, oddA);
  u[3] = add(evenB, oddB);
  u[4] = subtract(evenB, oddB);
  u[5] = g[2];
}

inline void transformOutput(const Vector m[6], Vector y[4]) {
  const Vector sumA = add(m[1], m[2]), sumB = add(m[3], m[4]);
  const Vector differenceA = subtract(m[1], m[2]), differenceB = subtract(m[3], m[4]);
  y[0] = add(add(m[0], sumA), sumB);
  y[1] = plusTimes(times(differenceA, kA), kB, differenceB);
  y[2] = plusTimes(times(sumA, kA2), kB2, sumB);
  y[3] = plusTimes(plusTimes(m[5], kA3, differenceA), kB3, differenceB);
}

// For the filter's gradient the output's gradient takes the filter's place, with 4 taps.
inline void transformGradient(const Vector g[4], Vector u[6]) {
  const Vector evenA = times(plusTimes(g[0], kA2, g[2]), kScaleA);
  const Vector oddA = times(plusTimes(g[1], kA2, g[3]), kA * kScaleA);
  const Vector evenB = times(plusTimes(g[0], kB2, g[2]), kScaleB);
  const Vector oddB = times(plusTimes(g[1], kB2, g[3]), kB * kScaleB);
  u[0] = g[0];
  u[1] = add(evenA, oddA);
  u[2] = subtract(evenA, oddA);
  u[3] = add(evenB, oddB);
  u[4] = subtract(evenB, oddB);
  u[5] = g[3];
}

inline void transformFilterGradient(const Vector m[6], Vector y[3]) {
  const Vector sumA = add(m[1], m[2]), sumB = add(m[3], m[4]);
  y[0] = add(add(m[0], sumA), sumB);
  y[1] = plusTimes(times(subtract(m[1], m[2]), kA), kB, subtract(m[3], m[4]));
  y[2] = plusTimes(plusTimes(m[5], kA2, sumA), kB2, sumB);
}

// Both axes of a square: `from` [rows][from columns], `to` [to][to].
template <int from, int to, void (*axis)(const Vector*, Vector*)>
inline void transformSquare(const Vector* values, Vector* result) {
  Vector half[to][from];
  GCNC_UNROLL
  for (int column = 0; column < from; column++) {
    Vector in[from], out[to];
  GCNC_UNROLL
    for (int i = 0; i < from; i++) in[i] = values[i * from + column];
    axis(in, out);
  GCNC_UNROLL
    for (int i = 0; i < to; i++) half[i][column] = out[i];
  }
  GCNC_UNROLL
  for (int i = 0; i < to; i++) axis(half[i], result + i * to);
}

}  // namespace gcnc
