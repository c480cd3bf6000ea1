// Batch norm over rows of channels, with the sum with a shortcut and the ReLU that follow it, in two passes over memory.
#pragma once
#include <cstdint>

#include "vector.h"

namespace gcnc {

// x [rows, channels] and what turns it into y = relu(scale (x - mean) / deviation + offset + shortcut), with LeakyReLU's slope.
template <class Stored>
struct BatchNorm {
  int64_t rows, channels;
  const Stored* x;
  const float *scale, *mean, *inverseDeviation;  // [channels]
  bool relu;
  float slope;
};

// Means and variances (divided by rows) of x's channels.
template <class Stored>
void channelMoments(int64_t rows, int64_t channels, const Stored* x, double* mean, double* variance);

// `shortcut` may be null.
template <class Stored>
void normalize(const BatchNorm<Stored>& norm, const float* offset, const Stored* shortcut, Stored* y);

// Gradients with respect to x, scale, offset and, where that is not null, the shortcut. With `batchStatistics` mean and deviation
// are functions of x, else constants. y is read for the ReLU's mask alone.
template <class Stored>
void normalizeGradient(const BatchNorm<Stored>& norm, const Stored* gradient, const Stored* y, bool batchStatistics, Stored* xGradient,
                       float* scaleGradient, float* offsetGradient, Stored* shortcutGradient);

}  // namespace gcnc
