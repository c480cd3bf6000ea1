// Convolutions of any geometry as products of matrices, whose rows are packed for a few pixels at a time into the cache.
#pragma once
#include "convolution.h"

namespace gcnc {

// y, of shape `out`, is the convolution of x, of shape `in`, with the filter [kernel, kernel, in, out]; with `transposed` x is
// the gradient of a convolution's output, and y that of its input. Products in float32, or of images in bfloat16 where the processor has such products, with sums in float32.
template <class Stored>
void packedConvolution(const Images& in, const Images& out, const Geometry& geometry, bool transposed, const Stored* x,
                       const float* filter, const Epilogue<Stored>& epilogue, Stored* y);

// The gradient [kernel, kernel, in, out] of the filter, from x of shape `in` and the output's gradient of shape `out`.
template <class Stored>
void packedFilterGradient(const Images& in, const Images& out, const Geometry& geometry, const Stored* x, const Stored* gradient,
                          float* filterGradient);

}  // namespace gcnc
