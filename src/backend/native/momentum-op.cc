// Stochastic gradient descent with momentum on all weights in one op, in place.
#include "kernel.h"
#include "momentum.h"
#include "ops.h"

namespace gcnc {
namespace {

class MomentumKernel {
 public:
  explicit MomentumKernel(const Attributes& given) : nesterov_(given.flag("nesterov")) {}

  void run(const Call& call) const {
    const Held numbers = call.input(0);
    expect(numbers.count() == 4, "rate, momentum, l2, shrink are needed");
    const float* n = numbers.data<float>();
    const MomentumStep step{n[0], n[1], n[2], n[3], nesterov_};
    const int weights = (call.inputs() - 1) / 3;
    for (int i = 0; i < weights; i++) {
      const Held weight = call.input(1 + i), velocity = call.input(1 + weights + i), gradient = call.input(1 + 2 * weights + i);
      const int64_t count = weight.count();
      expect(velocity.count() == count && gradient.count() == count, "weights, velocities and gradients have the same shapes");
      applyMomentum(weight.data<float>(), velocity.data<float>(), gradient.data<float>(), count, step);
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
