// Max-pooling and its gradient. As in PyTorch a window's gradient goes to the first of its largest values, of which NaN is the largest.
#pragma once
#include <cstdint>

#include "convolution.h"

namespace gcnc {

struct Window {
  int64_t size, stride, padding;
  int64_t outputs(int64_t inputs) const { return (inputs + 2 * padding - size) / stride + 1; }
};

// y [n, outputs, outputs, channels] from x of shape `in`.
template <class Stored>
void maxPool(const Images& in, const Window& window, const Stored* x, Stored* y);

// A ReLU before the pooling, whose gradient is taken in the same pass.
struct Rectified {
  bool relu;
  float slope;
};

// The gradient of shape [out.count, x's height and width] from that of y, of shape `out`. x and y may have fewer images than the gradient: image n
// belongs to n modulo their number. With a ReLU x is its output, and the gradient is the one with respect to its input.
template <class Stored>
void maxPoolGradient(const Images& in, const Images& out, const Window& window, const Rectified& rectified, const Stored* x,
                     const Stored* y, const Stored* gradient, Stored* xGradient);

}  // namespace gcnc
