// The gradient of a bias.
#pragma once
#include <cstdint>

#include "vector.h"

namespace gcnc {

// The sum of gradient [rows, channels] over rows, as result [channels].
template <class Stored>
void biasGradient(int64_t rows, int64_t channels, const Stored* gradient, float* result);

}  // namespace gcnc
