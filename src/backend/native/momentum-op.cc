// Stochastic gradient descent with momentum on all weights in one op, in place.
#include "kernel.h"
#include "ops.h"
#include "threads.h"

namespace gcnc {
namespace {

struct Step {
  float rate, momentum, l2, shrink;
  bool nesterov;
};

// g <- g + l2 w; w <- shrink w; v <- momentum v + g; w <- w - rate v, or with Nesterov w - rate (g + momentum v).
void update(float* weights, float* velocity, const float* gradient, int64_t count, const Step& step) {
  const auto all = [](float value) { return _mm512_set1_ps(value); };
  for (int64_t at = 0; at < count; at += kLanes) {
    const __mmask16 mask = lanes(count - at);
    const Vector weight = load(weights + at, mask);
    Vector pulled = load(gradient + at, mask);
    // Without L2 an infinite weight leaves its gradient alone.
    if (step.l2 != 0) pulled = _mm512_fmadd_ps(all(step.l2), weight, pulled);
    const Vector moving = _mm512_fmadd_ps(all(step.momentum), load(velocity + at, mask), pulled);
    const Vector direction = step.nesterov ? _mm512_fmadd_ps(all(step.momentum), moving, pulled) : moving;
    store(velocity + at, mask, moving);
    store(weights + at, mask, _mm512_fnmadd_ps(all(step.rate), direction, _mm512_mul_ps(all(step.shrink), weight)));
  }
}

class MomentumKernel {
 public:
  explicit MomentumKernel(const Attributes& given) : nesterov_(given.flag("nesterov")) {}

  void run(const Call& call) const {
    const Held numbers = call.input(0);
    expect(numbers.count() == 4, "rate, momentum, l2, shrink are needed");
    const float* n = numbers.data<float>();
    const Step step{n[0], n[1], n[2], n[3], nesterov_};
    const int weights = (call.inputs() - 1) / 3;
    for (int i = 0; i < weights; i++) {
      const Held weight = call.input(1 + i), velocity = call.input(1 + weights + i), gradient = call.input(1 + 2 * weights + i);
      const int64_t count = weight.count(), part = 1 << 16;
      expect(velocity.count() == count && gradient.count() == count, "weights, velocities and gradients have the same shapes");
      parallelFor((count + part - 1) / part, [&](int64_t item, int) {
        const int64_t from = item * part;
        update(weight.data<float>() + from, velocity.data<float>() + from, gradient.data<float>() + from, std::min(part, count - from), step);
      });
    }
  }

 private:
  bool nesterov_;
};

}  // namespace

void registerMomentum() {
  defineOp({"GcncMomentum",
            {"N: int >= 1", "nesterov: bool"},
            {"numbers: float", "weights: N * float", "velocities: N * float", "gradients: N * float"},
            {}});
  registerKernel<MomentumKernel>("GcncMomentum");
}

}  // namespace gcnc
