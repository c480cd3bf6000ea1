// Max-pooling and its gradient. As in PyTorch a window's gradient goes to the first of its largest values, of which NaN is the largest.
#include <algorithm>
#include <cstring>

#include "kernel.h"
#include "ops.h"
#include "threads.h"

namespace gcnc {
namespace {

struct Window {
  int64_t size, stride, padding;
  explicit Window(const Attributes& given)
      : size(given.integer("size")), stride(given.integer("stride")), padding(given.integer("padding")) {}
  int64_t outputs(int64_t inputs) const { return (inputs + 2 * padding - size) / stride + 1; }
  // Calls body(offset of the value in its image) for each value in the image of the window at (row, column), in rows.
  template <class Body>
  void each(const Images& in, int64_t row, int64_t column, const Body& body) const {
    const int64_t top = row * stride - padding, left = column * stride - padding;
    for (int64_t i = std::max<int64_t>(0, top); i < std::min(in.height, top + size); i++)
      for (int64_t j = std::max<int64_t>(0, left); j < std::min(in.width, left + size); j++) body((i * in.width + j) * in.channels);
  }
};

// The larger of two, or NaN where one is NaN: TensorFlow's max-pooling drops it.
inline Vector larger(Vector value, Vector largest) {
  const __mmask16 isNaN = _mm512_cmp_ps_mask(value, value, _CMP_UNORD_Q);
  return _mm512_mask_mov_ps(_mm512_max_ps(value, largest), isNaN, value);
}

template <class Stored>
class MaxPoolKernel {
 public:
  explicit MaxPoolKernel(const Attributes& given) : window_(given) {}

  void run(const Call& call) const {
    const Held x = call.input(0);
    const Images in = imagesOf(x);
    const int64_t height = window_.outputs(in.height), width = window_.outputs(in.width);
    const Held y = call.output<Stored>(0, {in.count, height, width, in.channels});
    parallelFor(in.count * height, [&](int64_t item, int) {
      const Stored* image = x.data<Stored>() + item / height * in.height * in.width * in.channels;
      Stored* to = y.data<Stored>() + item * width * in.channels;
      for (int64_t column = 0; column < width; column++)
        for (int64_t channel = 0; channel < in.channels; channel += kLanes) {
          const __mmask16 mask = lanes(in.channels - channel);
          Vector largest = _mm512_set1_ps(-__builtin_inff());
          window_.each(in, item % height, column, [&](int64_t at) { largest = larger(load(image + at + channel, mask), largest); });
          store(to + column * in.channels + channel, mask, largest);
        }
    });
  }

 private:
  Window window_;
};

// x and y may have fewer images than the gradient: image n belongs to n modulo their number. With `relu` x is a ReLU's output, and the
// gradient is the one with respect to that ReLU's input.
template <class Stored>
class MaxPoolGradientKernel {
 public:
  explicit MaxPoolGradientKernel(const Attributes& given) : window_(given), relu_(given.flag("relu")), slope_(given.real("slope")) {}

  void run(const Call& call) const {
    const Held x = call.input(0), y = call.input(1), gradient = call.input(2);
    const Images in = imagesOf(x), out = imagesOf(gradient);
    expect(out.height == window_.outputs(in.height) && out.width == window_.outputs(in.width) && out.channels == in.channels,
           "the gradient has y's shape");
    expect(y.count() == in.count * out.height * out.width * out.channels && out.count % in.count == 0, "y belongs to x");
    const Held result = call.output<Stored>(0, {out.count, in.height, in.width, in.channels});
    const int64_t inImage = in.height * in.width * in.channels, outImage = out.height * out.width * out.channels;
    parallelFor(out.count, [&](int64_t n, int) {
      Stored* to = result.data<Stored>() + n * inImage;
      std::memset(to, 0, inImage * sizeof(Stored));
      addWindows(in, out, x.data<Stored>() + n % in.count * inImage, y.data<Stored>() + n % in.count * outImage,
                 gradient.data<Stored>() + n * outImage, to);
    });
  }

 private:
  void addWindows(const Images& in, const Images& out, const Stored* x, const Stored* y, const Stored* gradient, Stored* to) const {
    for (int64_t row = 0; row < out.height; row++)
      for (int64_t column = 0; column < out.width; column++)
        for (int64_t channel = 0; channel < in.channels; channel += kLanes) {
          const __mmask16 mask = lanes(in.channels - channel);
          const int64_t from = (row * out.width + column) * in.channels + channel;
          const Vector largest = load(y + from, mask);
          Vector value = load(gradient + from, mask);
          __mmask16 open = mask;
          if (relu_) value = throughRectified(largest, value, slope_);
          window_.each(in, row, column, [&](int64_t at) {
            const Vector each = load(x + at + channel, mask);
            const __mmask16 isNaN = _mm512_cmp_ps_mask(each, each, _CMP_UNORD_Q);
            const __mmask16 here = open & (isNaN | _mm512_cmp_ps_mask(each, largest, _CMP_EQ_OQ));
            open &= ~here;
            Stored* place = to + at + channel;
            store(place, here, _mm512_add_ps(load(place, here), value));
          });
        }
  }

  Window window_;
  bool relu_;
  float slope_;
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
