#include <limits>

#include "../../../src/backend/native/batch-norm.h"
#include "../../../src/backend/native/bias.h"
#include "../../../src/backend/native/momentum.h"
#include "../../../src/backend/native/pooling.h"
#include "../../../src/backend/native/sum-of-squares.h"
#include "check.h"

namespace gcnc {
namespace {

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN(), kInfinity = std::numeric_limits<float>::infinity();

void checkVectors() {
  std::vector<float> values{0.0f, -0.0f, 1.0f, 1.00390625f, 1.01171875f, -3.0e38f, 3.4e38f, kNaN, kInfinity, -kInfinity, 1e-20f};
  for (const float value : made<float>(200, 9)) values.push_back(value);
  const auto count = static_cast<int64_t>(values.size());
  std::vector<BFloat16> found(values.size());
  for (int64_t at = 0; at < count; at += kLanes) store(&found[static_cast<size_t>(at)], lanes(count - at), load(&values[static_cast<size_t>(at)], lanes(count - at)));
  for (size_t at = 0; at < values.size(); at++) {
    BFloat16 expected;
    assign(expected, static_cast<double>(values[at]));
    check(std::isnan(values[at]) ? std::isnan(wide(found[at])) : found[at].bits == expected.bits, "rounding to bfloat16");
  }
  Vector rows[kLanes];
  std::vector<float> square(static_cast<size_t>(kLanes * kLanes));
  for (int i = 0; i < kLanes; i++) {
    for (int j = 0; j < kLanes; j++) square[static_cast<size_t>(i * kLanes + j)] = static_cast<float>(100 * i + j);
    rows[i] = load(&square[static_cast<size_t>(i * kLanes)]);
  }
  transpose(rows);
  for (int i = 0; i < kLanes; i++) store(&square[static_cast<size_t>(i * kLanes)], kWhole, rows[i]);
  for (int i = 0; i < kLanes; i++)
    for (int j = 0; j < kLanes; j++) check(square[static_cast<size_t>(i * kLanes + j)] == static_cast<float>(100 * j + i), "transposition");
  for (int count = 1; count <= kLanes; count++) {
    std::vector<float> some(static_cast<size_t>(kLanes), -1);
    store(some.data(), lanes(count), all(2));
    for (int i = 0; i < kLanes; i++) check(some[static_cast<size_t>(i)] == (i < count ? 2 : -1), "a store keeps to its lanes");
  }
  for (const float slope : {0.0f, 0.5f})
    for (const float value : {kNaN, kInfinity, -kInfinity, -2.0f, 3.0f}) {
      float found[kLanes];
      store(found, kWhole, rectify(all(value), slope));
      const float expected = value > 0 ? value : value == -kInfinity && slope == 0 ? 0 : slope * value;
      check(std::isnan(expected) ? std::isnan(found[0]) : found[0] == expected, "LeakyReLU of " + std::to_string(value));
      check(hasNonFinite(withNonFinite(all(0), all(value))) == !std::isfinite(value), "what is not finite is seen");
    }
}

template <class Stored>
void checkBatchNorm(int64_t rows, int64_t channels, float slope) {
  const auto size = static_cast<size_t>(rows * channels), c = static_cast<size_t>(channels);
  const auto x = made<Stored>(rows * channels, 1), shortcut = made<Stored>(rows * channels, 2), g = made<Stored>(rows * channels, 3);
  const auto scale = made<float>(channels, 4), offset = made<float>(channels, 5);
  std::vector<double> mean(c), variance(c), expectedMean(c), expectedVariance(c);
  channelMoments(rows, channels, x.data(), mean.data(), variance.data());
  const double count = static_cast<double>(rows);
  for (size_t at = 0; at < size; at++) expectedMean[at % c] += wide(x[at]) / count;
  for (size_t at = 0; at < size; at++) expectedVariance[at % c] += std::pow(wide(x[at]) - expectedMean[at % c], 2) / count;
  std::vector<float> means, inverses;
  for (size_t k = 0; k < c; k++) {
    check(std::abs(mean[k] - expectedMean[k]) < 1e-6 && std::abs(variance[k] - expectedVariance[k]) < 1e-6, "mean and variance");
    means.push_back(static_cast<float>(mean[k]));
    inverses.push_back(static_cast<float>(1 / std::sqrt(variance[k] + 1e-5)));
  }
  const BatchNorm<Stored> norm{rows, channels, x.data(), scale.data(), means.data(), inverses.data(), true, slope};
  std::vector<Stored> y(size), dx(size), dShortcut(size);
  normalize(norm, offset.data(), shortcut.data(), y.data());
  std::vector<double> expected(size), masked(size), sums(c), products(c), expectedDx(size);
  for (size_t at = 0; at < size; at++) {
    const double centred = (wide(x[at]) - means[at % c]) * static_cast<double>(inverses[at % c]);
    const double sum = scale[at % c] * centred + offset[at % c] + wide(shortcut[at]);
    expected[at] = sum > 0 ? sum : slope * sum;
    masked[at] = (wide(y[at]) > 0 ? 1 : slope) * static_cast<double>(wide(g[at]));
    sums[at % c] += masked[at];
    products[at % c] += masked[at] * centred;
  }
  for (size_t at = 0; at < size; at++) {
    const double centred = (wide(x[at]) - means[at % c]) * static_cast<double>(inverses[at % c]);
    expectedDx[at] = scale[at % c] * inverses[at % c] * (masked[at] - sums[at % c] / count - centred * products[at % c] / count);
  }
  std::vector<float> dScale(c), dOffset(c);
  normalizeGradient(norm, g.data(), y.data(), true, dx.data(), dScale.data(), dOffset.data(), dShortcut.data());
  const double tolerance = isNarrow<Stored> ? 4e-3 : 5e-6;
  checkClose(y, expected, tolerance, "batch norm");
  checkClose(dx, expectedDx, tolerance, "batch norm's gradient");
  checkClose(dShortcut, masked, tolerance, "its shortcut's gradient");
  checkClose(dScale, products, 1e-5, "its scale's gradient");
  checkClose(dOffset, sums, 1e-5, "its offset's gradient");
}

template <class Stored>
void checkPooling(const Images& in, const Window& window, float slope) {
  const Images out{in.count, window.outputs(in.height), window.outputs(in.width), in.channels};
  const auto size = [](const Images& of) { return of.count * of.height * of.width * of.channels; };
  const auto x = made<Stored>(size(in), 1), g = made<Stored>(2 * size(out), 2);
  std::vector<Stored> y(static_cast<size_t>(size(out))), dx(2 * x.size());
  maxPool(in, window, x.data(), y.data());
  const Images twice{2 * out.count, out.height, out.width, out.channels};
  maxPoolGradient(in, twice, window, Rectified{true, slope}, x.data(), y.data(), g.data(), dx.data());
  std::vector<double> expected(y.size()), expectedDx(dx.size());
  for (int64_t to = 0; to < size(out); to++) {
    const int64_t channel = to % in.channels, column = to / in.channels % out.width, row = to / in.channels / out.width % out.height;
    const int64_t image = to / in.channels / out.width / out.height;
    int64_t best = -1;
    for (int64_t i = row * window.stride - window.padding; i < row * window.stride - window.padding + window.size; i++)
      for (int64_t j = column * window.stride - window.padding; j < column * window.stride - window.padding + window.size; j++) {
        if (i < 0 || j < 0 || i >= in.height || j >= in.width) continue;
        const int64_t at = ((image * in.height + i) * in.width + j) * in.channels + channel;
        if (best < 0 || wide(x[static_cast<size_t>(at)]) > wide(x[static_cast<size_t>(best)])) best = at;
      }
    const double largest = wide(x[static_cast<size_t>(best)]);
    expected[static_cast<size_t>(to)] = largest;
    for (int64_t copy = 0; copy < 2; copy++)
      expectedDx[static_cast<size_t>(copy * size(in) + best)] +=
          (largest > 0 ? 1 : slope) * static_cast<double>(wide(g[static_cast<size_t>(copy * size(out) + to)]));
  }
  checkClose(y, expected, 0, "max-pooling");
  checkClose(dx, expectedDx, isNarrow<Stored> ? 4e-3 : 1e-6, "max-pooling's gradient");
}

void checkNaNInPooling() {
  std::vector<float> y(1), dx(4);
  const float one = 5;
  for (size_t at = 0; at < 4; at++) {
    std::vector<float> x{1, kInfinity, 3, 4};
    x[at] = kNaN;
    maxPool({1, 2, 2, 1}, Window{2, 2, 0}, x.data(), y.data());
    maxPoolGradient({1, 2, 2, 1}, {1, 1, 1, 1}, Window{2, 2, 0}, Rectified{false, 0}, x.data(), y.data(), &one, dx.data());
    check(std::isnan(y[0]), "max-pooling keeps NaN");
    for (size_t i = 0; i < 4; i++) check(dx[i] == (i == at ? 5 : 0), "NaN's place gets the gradient");
  }
}

void checkMomentum() {
  for (const bool nesterov : {false, true}) {
    const int64_t count = 70000;
    auto weights = made<float>(count, 1), velocity = made<float>(count, 2);
    const auto gradient = made<float>(count, 3), before = weights;
    std::vector<double> expected;
    for (size_t at = 0; at < weights.size(); at++) {
      const double pulled = gradient[at] + 0.01 * weights[at], moving = 0.9 * velocity[at] + pulled;
      expected.push_back(0.99 * weights[at] - 0.1 * (nesterov ? pulled + 0.9 * moving : moving));
    }
    applyMomentum(weights.data(), velocity.data(), gradient.data(), count, {0.1f, 0.9f, 0.01f, 0.99f, nesterov});
    checkClose(weights, expected, 1e-6, "momentum");
  }
}

template <class Stored>
void checkBias() {
  for (const int64_t rows : {1, 2, 17, 1500})
    for (const int64_t channels : {3, 16, 37}) {
      const auto gradient = made<Stored>(rows * channels, 12);
      std::vector<double> expected(static_cast<size_t>(channels));
      for (size_t at = 0; at < gradient.size(); at++) expected[at % expected.size()] += static_cast<double>(wide(gradient[at]));
      std::vector<float> found(expected.size());
      biasGradient(rows, channels, gradient.data(), found.data());
      checkClose(found, expected, 1e-5, "gradient of a bias");
    }
}

void checkSumOfSquares() {
  std::vector<std::vector<float>> tensors;
  std::vector<Values> views;
  double expected = 0;
  for (const int64_t count : {1, 7, 16, 1000, 70000, 0, 33}) {
    tensors.push_back(made<float>(count, 11));
    views.push_back({tensors.back().data(), count});
    for (const float value : tensors.back()) expected += static_cast<double>(value) * static_cast<double>(value);
  }
  check(std::abs(sumOfSquares(views) - expected) <= 1e-6 * expected, "sum of squares");
  tensors[4][69999] = kNaN;
  check(std::isnan(sumOfSquares(views)), "a sum of squares with NaN is NaN");
}

template <class Stored>
void checkAll() {
  for (const int64_t channels : {3, 16, 20, 37})
    for (const float slope : {0.0f, 0.125f}) {
      for (const int64_t rows : {3, 100, 1031}) checkBatchNorm<Stored>(rows, channels, slope);
      for (const Window& window : {Window{2, 2, 0}, Window{3, 2, 1}}) checkPooling<Stored>({3, 7, 9, channels}, window, slope);
    }
}

}  // namespace

void checkLayers() {
  checkVectors();
  checkAll<float>();
  checkAll<BFloat16>();
  checkNaNInPooling();
  checkMomentum();
  checkBias<float>();
  checkBias<BFloat16>();
  checkSumOfSquares();
}

}  // namespace gcnc
