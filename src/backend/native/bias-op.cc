#include "bias.h"
#include "kernel.h"
#include "ops.h"

namespace gcnc {
namespace {

template <class Stored>
class BiasGradientKernel {
 public:
  explicit BiasGradientKernel(const Attributes&) {}

  void run(const Call& call) const {
    const Held gradient = call.input(0);
    expect(gradient.rank() >= 1, "channels are the last axis");
    const int64_t channels = gradient.size(gradient.rank() - 1);
    const Held result = call.output<float>(0, {channels});
    if (channels > 0) biasGradient(gradient.count() / channels, channels, gradient.data<Stored>(), result.data<float>());
  }
};

}  // namespace

void registerBias() {
  defineOp({"GcncBiasGradient", {"T: {float, bfloat16}"}, {"gradient: T"}, {"bias_gradient: float"}});
  registerKernel<BiasGradientKernel<float>, float>("GcncBiasGradient");
  registerKernel<BiasGradientKernel<BFloat16>, BFloat16>("GcncBiasGradient");
}

}  // namespace gcnc
