// 3x3 convolutions of stride 1 and padding 1 by Winograd's minimal filtering: a quarter of the multiplications.
#pragma once
#include "convolution.h"

namespace gcnc {

// y = convolution of x with the filter [3, 3, in, out], or with `transposed` the gradient with respect to x of one, x being the
// output's gradient. Products in float32, or of images in bfloat16 where the processor has such products, with sums in float32.
//
// False where a value is not finite: the transformations spread NaN over a tile, and make it of infinity. Then y is not to be used.
template <class Stored>
[[nodiscard]] bool winogradConvolution(const Images& in, int64_t outChannels, bool transposed, const Stored* x, const float* filter,
                         const Epilogue<Stored>& epilogue, Stored* y);

// The gradient [3, 3, in, out] of the filter, from x and the output's gradient, both of `in`'s height and width. False as above.
template <class Stored>
[[nodiscard]] bool winogradFilterGradient(const Images& in, int64_t outChannels, const Stored* x, const Stored* gradient, float* filterGradient);

}  // namespace gcnc
