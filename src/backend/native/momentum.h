// Stochastic gradient descent with momentum, in place.
#pragma once
#include <cstdint>

namespace gcnc {

struct MomentumStep {
  float rate, momentum, l2, shrink;
  bool nesterov;
};

// g <- g + l2 w; w <- shrink w; v <- momentum v + g; w <- w - rate v, or with Nesterov w - rate (g + momentum v).
void applyMomentum(float* weights, float* velocity, const float* gradient, int64_t count, const MomentumStep& step);

}  // namespace gcnc
