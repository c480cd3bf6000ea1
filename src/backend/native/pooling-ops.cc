#include "kernel.h"
#include "ops.h"
#include "pooling.h"

namespace gcnc {
namespace {

Window windowOf(const Attributes& given) { return {given.integer("size"), given.integer("stride"), given.integer("padding")}; }

template <class Stored>
class MaxPoolKernel {
 public:
  explicit MaxPoolKernel(const Attributes& given) : window_(windowOf(given)) {}

  void run(const Call& call) const {
    const Held x = call.input(0);
    const Images in = imagesOf(x);
    const Held y = call.output<Stored>(0, {in.count, window_.outputs(in.height), window_.outputs(in.width), in.channels});
    maxPool(in, window_, x.data<Stored>(), y.data<Stored>());
  }

 private:
  Window window_;
};

template <class Stored>
class MaxPoolGradientKernel {
 public:
  explicit MaxPoolGradientKernel(const Attributes& given)
      : window_(windowOf(given)), rectified_{given.flag("relu"), given.real("slope")} {}

  void run(const Call& call) const {
    const Held x = call.input(0), y = call.input(1), gradient = call.input(2);
    const Images in = imagesOf(x), out = imagesOf(gradient);
    expect(out.height == window_.outputs(in.height) && out.width == window_.outputs(in.width) && out.channels == in.channels,
           "the gradient has y's shape");
    expect(y.count() == in.count * out.height * out.width * out.channels && out.count % in.count == 0, "y belongs to x");
    const Held result = call.output<Stored>(0, {out.count, in.height, in.width, in.channels});
    maxPoolGradient(in, out, window_, rectified_, x.data<Stored>(), y.data<Stored>(), gradient.data<Stored>(), result.data<Stored>());
  }

 private:
  Window window_;
  Rectified rectified_;
};

}  // namespace

void registerPooling() {
  defineOp({"GcncMaxPool", {"T: {float, bfloat16}", "size: int", "stride: int", "padding: int"}, {"x: T"}, {"y: T"}});
  registerKernel<MaxPoolKernel<float>, float>("GcncMaxPool");
  registerKernel<MaxPoolKernel<BFloat16>, BFloat16>("GcncMaxPool");
  defineOp({"GcncMaxPoolGradient",
            {"T: {float, bfloat16}", "size: int", "stride: int", "padding: int", "relu: bool", "slope: float"},
            {"x: T", "y: T", "gradient: T"},
            {"x_gradient: T"}});
  registerKernel<MaxPoolGradientKernel<float>, float>("GcncMaxPoolGradient");
  registerKernel<MaxPoolGradientKernel<BFloat16>, BFloat16>("GcncMaxPoolGradient");
}

}  // namespace gcnc
