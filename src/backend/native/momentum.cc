#include "momentum.h"

#include <algorithm>

#include "threads.h"
#include "vector.h"

namespace gcnc {
namespace {

// What a thread takes at a time.
constexpr int64_t kUpdatedAtATime = 1 << 16;

void update(float* weights, float* velocity, const float* gradient, int64_t count, const MomentumStep& step) {
  for (int64_t at = 0; at < count; at += kLanes) {
    const Lanes mask = lanes(count - at);
    const Vector weight = load(weights + at, mask);
    Vector pulled = load(gradient + at, mask);
    // Without L2 an infinite weight leaves its gradient alone.
    if (step.l2 != 0) pulled = plusTimes(pulled, step.l2, weight);
    const Vector moving = plusTimes(pulled, step.momentum, load(velocity + at, mask));
    const Vector direction = step.nesterov ? plusTimes(pulled, step.momentum, moving) : moving;
    store(velocity + at, mask, moving);
    store(weights + at, mask, subtractProduct(times(weight, step.shrink), all(step.rate), direction));
  }
}

}  // namespace

void applyMomentum(float* weights, float* velocity, const float* gradient, int64_t count, const MomentumStep& step) {
  parallelFor((count + kUpdatedAtATime - 1) / kUpdatedAtATime, [&](int64_t item, int) {
    const int64_t from = item * kUpdatedAtATime;
    update(weights + from, velocity + from, gradient + from, std::min(kUpdatedAtATime, count - from), step);
  });
}

}  // namespace gcnc
