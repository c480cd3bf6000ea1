// 3x3 convolutions of stride 1 and padding 1 of bfloat16 images by AMX, without a transformation: a pixel's neighbours in a row of a padded image are
// adjacent, so that tiles read windows where they lie.
#pragma once
#include "convolution.h"

namespace gcnc {

// Whether tiles are used and fit: channels in sixteens, and not so many that Winograd's fewer products pay.
bool isByWindows(const Images& in, int64_t outChannels, bool isGradient);

// As winogradConvolution and winogradFilterGradient. False where a value is not finite: weights of 0 beside a window make NaN of infinity.
[[nodiscard]] bool windowConvolution(const Images& in, int64_t outChannels, bool transposed, const BFloat16* x, const float* filter,
                                     const Epilogue<BFloat16>& epilogue, BFloat16* y);
[[nodiscard]] bool windowFilterGradient(const Images& in, int64_t outChannels, const BFloat16* x, const BFloat16* gradient,
                                        float* filterGradient);

}  // namespace gcnc
