#include <cmath>
#include <vector>

#include "batch-norm.h"
#include "kernel.h"
#include "ops.h"

namespace gcnc {
namespace {

int64_t rowsOf(const Held& x, int64_t channels) {
  expect(x.rank() >= 1 && x.size(x.rank() - 1) == channels, "channels are the last axis");
  return x.count() / channels;
}

std::vector<int64_t> shapeOf(const Held& x) {
  std::vector<int64_t> shape(x.rank());
  for (int axis = 0; axis < x.rank(); axis++) shape[axis] = x.size(axis);
  return shape;
}

template <class Stored>
class BatchNormKernel {
 public:
  explicit BatchNormKernel(const Attributes& given)
      : training_(given.flag("training")), relu_(given.flag("relu")), slope_(given.real("slope")), epsilon_(given.real("epsilon")), momentum_(given.real("momentum")) {}

  void run(const Call& call) const {
    const Held x = call.input(0), scale = call.input(1), offset = call.input(2), mean = call.input(3), variance = call.input(4),
               shortcut = call.input(5);
    const int64_t channels = scale.count(), rows = rowsOf(x, channels);
    expect(shortcut.count() == 0 || shortcut.count() == x.count(), "the shortcut has x's shape");
    expect(offset.count() == channels && mean.count() == channels && variance.count() == channels, "a value a channel is needed");
    const Held y = call.output<Stored>(0, shapeOf(x));
    const Held newMean = call.output<float>(1, {channels}), newVariance = call.output<float>(2, {channels});
    const Held usedMean = call.output<float>(3, {channels}), inverse = call.output<float>(4, {channels});
    std::vector<double> means(mean.data<float>(), mean.data<float>() + channels);
    std::vector<double> variances(variance.data<float>(), variance.data<float>() + channels);
    if (training_) channelMoments(rows, channels, x.data<Stored>(), means.data(), variances.data());
    const double unbiased = rows > 1 ? static_cast<double>(rows) / (rows - 1) : 1;
    for (int64_t c = 0; c < channels; c++) {
      usedMean.data<float>()[c] = static_cast<float>(means[c]);
      inverse.data<float>()[c] = static_cast<float>(1 / std::sqrt(variances[c] + epsilon_));
      const float oldMean = mean.data<float>()[c], oldVariance = variance.data<float>()[c];
      newMean.data<float>()[c] = training_ ? static_cast<float>((1 - momentum_) * oldMean + momentum_ * means[c]) : oldMean;
      newVariance.data<float>()[c] =
          training_ ? static_cast<float>((1 - momentum_) * oldVariance + momentum_ * unbiased * variances[c]) : oldVariance;
    }
    const BatchNorm<Stored> norm{rows, channels, x.data<Stored>(), scale.data<float>(), usedMean.data<float>(), inverse.data<float>(), relu_, slope_};
    normalize(norm, offset.data<float>(), shortcut.data<Stored>(), y.data<Stored>());
  }

 private:
  bool training_, relu_;
  float slope_;
  double epsilon_, momentum_;
};

template <class Stored>
class BatchNormGradientKernel {
 public:
  explicit BatchNormGradientKernel(const Attributes& given)
      : training_(given.flag("training")), relu_(given.flag("relu")), slope_(given.real("slope")), shortcut_(given.flag("shortcut")) {}

  void run(const Call& call) const {
    const Held gradient = call.input(0), x = call.input(1), y = call.input(2), scale = call.input(3), mean = call.input(4),
               inverse = call.input(5);
    const int64_t channels = scale.count(), rows = rowsOf(x, channels);
    expect(gradient.count() == x.count() && (!relu_ || y.count() == x.count()), "the gradient and y have x's shape");
    const Held xGradient = call.output<Stored>(0, shapeOf(x));
    const Held scaleGradient = call.output<float>(1, {channels}), offsetGradient = call.output<float>(2, {channels});
    const Held shortcutGradient = call.output<Stored>(3, shortcut_ ? shapeOf(x) : std::vector<int64_t>{0});
    const BatchNorm<Stored> norm{rows, channels, x.data<Stored>(), scale.data<float>(), mean.data<float>(), inverse.data<float>(), relu_, slope_};
    normalizeGradient(norm, gradient.data<Stored>(), y.data<Stored>(), training_, xGradient.data<Stored>(), scaleGradient.data<float>(),
                      offsetGradient.data<float>(), shortcutGradient.data<Stored>());
  }

 private:
  bool training_, relu_;
  float slope_;
  bool shortcut_;
};

}  // namespace

void registerBatchNorm() {
  defineOp({"GcncBatchNorm",
            {"T: {float, bfloat16}", "training: bool", "relu: bool", "slope: float", "epsilon: float", "momentum: float"},
            {"x: T", "scale: float", "offset: float", "mean: float", "variance: float", "shortcut: T"},
            {"y: T", "new_mean: float", "new_variance: float", "used_mean: float", "inverse_deviation: float"}});
  registerKernel<BatchNormKernel<float>, float>("GcncBatchNorm");
  registerKernel<BatchNormKernel<BFloat16>, BFloat16>("GcncBatchNorm");
  defineOp({"GcncBatchNormGradient",
            {"T: {float, bfloat16}", "training: bool", "relu: bool", "slope: float", "shortcut: bool"},
            {"gradient: T", "x: T", "y: T", "scale: float", "mean: float", "inverse_deviation: float"},
            {"x_gradient: T", "scale_gradient: float", "offset_gradient: float", "shortcut_gradient: T"}});
  registerKernel<BatchNormGradientKernel<float>, float>("GcncBatchNormGradient");
  registerKernel<BatchNormGradientKernel<BFloat16>, BFloat16>("GcncBatchNormGradient");
}

}  // namespace gcnc
