#include "kernel.h"
#include "ops.h"
#include "packed.h"
#include "windows.h"
#include "winograd.h"

namespace gcnc {
namespace {

Geometry geometryOf(const Attributes& given) {
  return {given.integer("kernel"), given.integer("stride"), given.integer("padding")};
}

// Winograd's transformations do not pay for few channels (the three of colours), nor its tiles of 4x4 for images of 2x2.
bool isWinograd(const Images& in, const Geometry& by) {
  return by.kernel == 3 && by.stride == 1 && by.padding == 1 && in.channels >= 8 && std::min(in.height, in.width) > 2;
}

// Whether `in` is what the filter makes `out` of.
bool fits(const Images& in, const Images& out, const Geometry& by) {
  return in.count > 0 && in.count == out.count && (in.height + 2 * by.padding - by.kernel) / by.stride + 1 == out.height &&
         (in.width + 2 * by.padding - by.kernel) / by.stride + 1 == out.width;
}

// False where a value is not finite: then y is not to be used.
template <class Stored>
bool convolution(const Images& in, int64_t out, bool transposed, const Stored* x, const float* filter, const Epilogue<Stored>& epilogue, Stored* y) {
  if constexpr (std::is_same_v<Stored, BFloat16>)
    if (isByWindows(in, out, false)) return windowConvolution(in, out, transposed, x, filter, epilogue, y);
  return winogradConvolution(in, out, transposed, x, filter, epilogue, y);
}

template <class Stored>
bool filterGradient(const Images& in, int64_t out, const Stored* x, const Stored* gradient, float* result) {
  if constexpr (std::is_same_v<Stored, BFloat16>)
    if (isByWindows(in, out, true)) return windowFilterGradient(in, out, x, gradient, result);
  return winogradFilterGradient(in, out, x, gradient, result);
}

template <class Stored>
class ConvolutionKernel {
 public:
  explicit ConvolutionKernel(const Attributes& given)
      : geometry_(geometryOf(given)),
        transposed_(given.flag("transposed")),
        relu_(given.flag("relu")),
        slope_(given.real("slope")),
        wideMask_(given.type("M") == TF_FLOAT),
        height_(given.integer("height")),
        width_(given.integer("width")) {}

  void run(const Call& call) const {
    const Held x = call.input(0), filter = call.input(1), bias = call.input(2), addend = call.input(3), mask = call.input(4);
    const Images in = imagesOf(x);
    expect(filter.rank() == 4 && filter.size(transposed_ ? 3 : 2) == in.channels, "the filter is [k, k, in, out]");
    const int64_t out = filter.size(transposed_ ? 2 : 3);
    const std::vector<int64_t> shape{in.count, height_, width_, out};
    const int64_t image = height_ * width_ * out;
    expect(bias.count() == 0 || bias.count() == out, "bias is [out]");
    expect(addend.count() == 0 || addend.count() == in.count * image, "addend has the output's shape");
    expect(mask.count() % image == 0, "mask is [n, h, w, out]");
    const Epilogue<Stored> epilogue{bias.data<float>(),
                                    addend.data<Stored>(),
                                    relu_,
                                    slope_,
                                    wideMask_ ? nullptr : mask.data<Stored>(),
                                    wideMask_ ? mask.data<float>() : nullptr,
                                    mask.count() / image};
    const Held y = call.output<Stored>(0, shape);
    const Images images{in.count, height_, width_, out};
    expect(transposed_ ? fits(images, in, geometry_) : fits(in, images, geometry_), "height and width are not the output's");
    if (!isWinograd(in, geometry_) ||
        !convolution(in, out, transposed_, x.data<Stored>(), filter.data<float>(), epilogue, y.data<Stored>()))
      packedConvolution(in, images, geometry_, transposed_, x.data<Stored>(), filter.data<float>(), epilogue, y.data<Stored>());
  }

 private:
  Geometry geometry_;
  bool transposed_, relu_;
  float slope_;
  bool wideMask_;
  int64_t height_, width_;
};

template <class Stored>
class FilterGradientKernel {
 public:
  explicit FilterGradientKernel(const Attributes& given) : geometry_(geometryOf(given)) {}

  void run(const Call& call) const {
    const Held x = call.input(0), gradient = call.input(1);
    const Images in = imagesOf(x), out = imagesOf(gradient);
    const Held result = call.output<float>(0, {geometry_.kernel, geometry_.kernel, in.channels, out.channels});
    expect(fits(in, out, geometry_), "the gradient is not of the convolution's output");
    if (!isWinograd(in, geometry_) ||
        !filterGradient(in, out.channels, x.data<Stored>(), gradient.data<Stored>(), result.data<float>()))
      packedFilterGradient(in, out, geometry_, x.data<Stored>(), gradient.data<Stored>(), result.data<float>());
  }

 private:
  Geometry geometry_;
};

}  // namespace

void registerConvolutions() {
  defineOp({"GcncConvolution",
            {"T: {float, bfloat16}", "M: {float, bfloat16}", "kernel: int", "stride: int", "padding: int", "height: int",
             "width: int", "transposed: bool", "relu: bool", "slope: float"},
            {"x: T", "filter: float", "bias: float", "addend: T", "mask: M"},
            {"y: T"}});
  registerKernel<ConvolutionKernel<float>, float>("GcncConvolution");
  registerKernel<ConvolutionKernel<BFloat16>, BFloat16>("GcncConvolution");
  defineOp({"GcncFilterGradient",
            {"T: {float, bfloat16}", "kernel: int", "stride: int", "padding: int"},
            {"x: T", "gradient: T"},
            {"filter_gradient: float"}});
  registerKernel<FilterGradientKernel<float>, float>("GcncFilterGradient");
  registerKernel<FilterGradientKernel<BFloat16>, BFloat16>("GcncFilterGradient");
}

}  // namespace gcnc
