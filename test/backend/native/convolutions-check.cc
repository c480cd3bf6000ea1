#include <limits>

#include "../../../src/backend/native/packed.h"
#include "../../../src/backend/native/windows.h"
#include "../../../src/backend/native/winograd.h"
#include "check.h"

namespace gcnc {
namespace {

int64_t sizeOf(const Images& x) { return x.count * x.height * x.width * x.channels; }

// Calls body(position in x, in the filter, in y) for every product of the convolution.
template <class Body>
void forProducts(const Images& in, const Images& out, const Geometry& by, const Body& body) {
  for (int64_t n = 0; n < out.count; n++)
    for (int64_t i = 0; i < out.height; i++)
      for (int64_t j = 0; j < out.width; j++)
        for (int64_t k = 0; k < by.kernel; k++)
          for (int64_t l = 0; l < by.kernel; l++) {
            const int64_t row = i * by.stride + k - by.padding, column = j * by.stride + l - by.padding;
            if (row < 0 || column < 0 || row >= in.height || column >= in.width) continue;
            for (int64_t a = 0; a < in.channels; a++)
              for (int64_t b = 0; b < out.channels; b++)
                body(((n * in.height + row) * in.width + column) * in.channels + a,
                     ((k * by.kernel + l) * in.channels + a) * out.channels + b,
                     ((n * out.height + i) * out.width + j) * out.channels + b);
          }
}

template <class Stored>
struct Finished {
  std::vector<float> bias;
  std::vector<Stored> addend, mask;
  std::vector<float> wideMask;
  Epilogue<Stored> epilogue;
  // A mask of one image is of all.
  Finished(const Images& out, float slope, bool isWide)
      : bias(made<float>(out.channels, 5)),
        addend(made<Stored>(sizeOf(out), 6)),
        mask(made<Stored>(sizeOf(out) / out.count, 7)),
        wideMask(made<float>(sizeOf(out) / out.count, 7)),
        epilogue{bias.data(), addend.data(), true, slope, isWide ? nullptr : mask.data(), isWide ? wideMask.data() : nullptr, 1} {}
  std::vector<double> of(const std::vector<double>& y) const {
    std::vector<double> result(y.size());
    for (size_t at = 0; at < y.size(); at++) {
      const double sum = y[at] + bias[at % bias.size()] + wide(addend[at]);
      const float by = epilogue.wideMask ? wideMask[at % mask.size()] : wide(mask[at % mask.size()]);
      result[at] = (sum > 0 ? 1 : epilogue.slope) * sum * (by > 0 ? 1 : epilogue.slope);
    }
    return result;
  }
};

enum class Way { packed, winograd, windows };

template <class Stored>
void checkOne(const Images& in, int64_t outChannels, const Geometry& by) {
  const Images out{in.count, (in.height + 2 * by.padding - by.kernel) / by.stride + 1,
                   (in.width + 2 * by.padding - by.kernel) / by.stride + 1, outChannels};
  const int64_t weights = by.kernel * by.kernel * in.channels * out.channels;
  const auto x = made<Stored>(sizeOf(in), 1), g = made<Stored>(sizeOf(out), 2);
  // Values that bfloat16 has.
  std::vector<float> w;
  for (const BFloat16 value : made<BFloat16>(weights, 3)) w.push_back(wide(value));
  std::vector<double> y(g.size()), dx(x.size()), dw(w.size());
  forProducts(in, out, by, [&](int64_t i, int64_t k, int64_t o) {
    const double xi = wide(x[static_cast<size_t>(i)]), wk = w[static_cast<size_t>(k)], go = wide(g[static_cast<size_t>(o)]);
    y[static_cast<size_t>(o)] += xi * wk;
    dx[static_cast<size_t>(i)] += wk * go;
    dw[static_cast<size_t>(k)] += xi * go;
  });
  const std::string name = std::to_string(by.kernel) + "x" + std::to_string(by.kernel) + "/" + std::to_string(by.stride) + " " +
                           std::to_string(in.height) + "x" + std::to_string(in.width) + "x" + std::to_string(in.channels) + " to " +
                           std::to_string(outChannels) + (isNarrow<Stored> ? " bfloat16" : " float32");
  const bool isThree = by.kernel == 3 && by.stride == 1;
  for (const Way way : {Way::packed, Way::winograd, Way::windows}) {
    if (way != Way::packed && !isThree) continue;
    if (way == Way::windows && !(isNarrow<Stored> && isByWindows(in, outChannels, true) && isByWindows(out, in.channels, true))) continue;
    const bool isWinograd = way == Way::winograd;
    const double tolerance = isNarrow<Stored> ? (isWinograd ? 2e-2 : 4e-3) : (isWinograd ? 1e-5 : 1e-6);
    const std::string what = name + (way == Way::packed ? " packed" : isWinograd ? " Winograd" : " windows");
    const auto convolve = [&](bool transposed, const Epilogue<Stored>& epilogue) {
      std::vector<Stored> to((transposed ? x : g).size());
      const Stored* from = (transposed ? g : x).data();
      const Images& images = transposed ? out : in;
      const int64_t channels = transposed ? in.channels : outChannels;
      if (way == Way::packed)
        packedConvolution(images, transposed ? in : out, by, transposed, from, w.data(), epilogue, to.data());
      else if (isWinograd)
        check(winogradConvolution(images, channels, transposed, from, w.data(), epilogue, to.data()), what + " is finite");
      else if constexpr (isNarrow<Stored>)
        check(windowConvolution(images, channels, transposed, from, w.data(), epilogue, to.data()), what + " is finite");
      return to;
    };
    checkClose(convolve(false, {}), y, tolerance, what);
    checkClose(convolve(true, {}), dx, tolerance, what + ", input gradient");
    for (const float slope : {0.0f, 0.125f})
      for (const bool isWide : {false, true}) {
        const Finished<Stored> outputs(out, slope, isWide), inputs(in, slope, isWide);
        checkClose(convolve(false, outputs.epilogue), outputs.of(y), tolerance, what + ", finished");
        checkClose(convolve(true, inputs.epilogue), inputs.of(dx), tolerance, what + ", input gradient, finished");
      }
    std::vector<float> gradient(w.size());
    if (way == Way::packed)
      packedFilterGradient(in, out, by, x.data(), g.data(), gradient.data());
    else if (isWinograd)
      check(winogradFilterGradient(in, outChannels, x.data(), g.data(), gradient.data()), what + " gradient is finite");
    else if constexpr (isNarrow<Stored>)
      check(windowFilterGradient(in, outChannels, x.data(), g.data(), gradient.data()), what + " gradient is finite");
    checkClose(gradient, dw, tolerance, what + ", filter gradient");
  }
}

// One value that is not finite, anywhere, is seen.
template <class Stored>
void checkNonFinite(const Images& in, int64_t outChannels) {
  for (const float strange : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()})
    for (int64_t at = 0; at < sizeOf(in); at += 7) {
      auto x = made<Stored>(sizeOf(in), 1);
      const auto w = made<float>(9 * in.channels * outChannels, 3), g = made<float>(0, 1);
      const auto dy = made<Stored>(in.height * in.width * outChannels, 2);
      assign(x[static_cast<size_t>(at)], static_cast<double>(strange));
      std::vector<Stored> y(dy.size());
      check(!winogradConvolution(in, outChannels, false, x.data(), w.data(), {}, y.data()), "Winograd sees NaN and infinity");
      std::vector<float> dw(w.size());
      check(!winogradFilterGradient(in, outChannels, x.data(), dy.data(), dw.data()), "Winograd's gradient sees NaN and infinity");
      if constexpr (isNarrow<Stored>) {
        if (!isByWindows(in, outChannels, true)) continue;
        check(!windowConvolution(in, outChannels, false, x.data(), w.data(), {}, y.data()), "windows see NaN and infinity");
        check(!windowFilterGradient(in, outChannels, x.data(), dy.data(), dw.data()), "windows' gradient sees NaN and infinity");
      }
    }
}

template <class Stored>
void checkAll() {
  for (const Geometry& by : {Geometry{1, 1, 0}, Geometry{1, 2, 0}, Geometry{3, 1, 1}, Geometry{3, 2, 1}, Geometry{7, 2, 3}})
    for (const auto& [into, outChannels] : {std::pair<int64_t, int64_t>{3, 20}, {20, 37}, {37, 3}, {32, 16}})
      for (const auto& [height, width] : {std::pair<int64_t, int64_t>{7, 9}, {8, 4}, {3, 3}}) checkOne<Stored>({2, height, width, into}, outChannels, by);
  // Filters by panels, and tiles that threads share.
  checkOne<Stored>({1, 5, 4, 136}, 130, {3, 1, 1});
  checkOne<Stored>({70, 4, 4, 16}, 16, {3, 1, 1});
  // Windows by tiles: one and several sixteens of channels, images in groups and one that is larger than a group.
  checkOne<Stored>({2, 6, 7, 48}, 32, {3, 1, 1});
  checkOne<Stored>({2, 33, 34, 16}, 16, {3, 1, 1});
  checkNonFinite<Stored>({1, 6, 5, 9}, 4);
  checkNonFinite<Stored>({1, 6, 5, 16}, 16);
}

}  // namespace

void checkConvolutions() {
  checkAll<float>();
  checkAll<BFloat16>();
}

}  // namespace gcnc
