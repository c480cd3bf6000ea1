#include "batch-norm.h"

#include <algorithm>
#include <vector>

#include "convolution.h"
#include "threads.h"

namespace gcnc {
namespace {

// Sums run in float32 over this many rows, then in float64: as good as float64 throughout, at a sixteenth of its cost.
constexpr int64_t kRun = 16;
// A fixed number of parts, so that sums do not depend on the number of threads.
constexpr int64_t kMostParts = 64;

struct Parts {
  int64_t rows, size, count;
  explicit Parts(int64_t rows)
      : rows(rows), size(roundUp(std::max<int64_t>(1, (rows + kMostParts - 1) / kMostParts), kRun)), count((rows + size - 1) / size) {}
};

// Two sums over rows of what `terms(row, channel, lanes, first, second)` adds to them: [channels] each.
template <class Terms>
void sumRows(int64_t rows, int64_t channels, const Terms& terms, double* first, double* second) {
  const Parts parts(rows);
  auto* partial = static_cast<double*>(scratch(0, 0, 2 * parts.count * channels * sizeof(double)));
  parallelFor(parts.count, [&](int64_t part, int) {
    double* sums = partial + 2 * part * channels;
    std::fill(sums, sums + 2 * channels, 0.0);
    const int64_t last = std::min(rows, (part + 1) * parts.size);
    for (int64_t run = part * parts.size; run < last; run += kRun)
      for (int64_t channel = 0; channel < channels; channel += kLanes) {
        const Lanes mask = lanes(channels - channel);
        Vector one = all(0), two = all(0);
        for (int64_t row = run; row < std::min(last, run + kRun); row++) terms(row * channels + channel, channel, mask, one, two);
        addTo(sums + channel, mask, one);
        addTo(sums + channels + channel, mask, two);
      }
  });
  std::fill(first, first + channels, 0.0);
  std::fill(second, second + channels, 0.0);
  for (int64_t part = 0; part < parts.count; part++)
    for (int64_t channel = 0; channel < channels; channel++) {
      first[channel] += partial[2 * part * channels + channel];
      second[channel] += partial[(2 * part + 1) * channels + channel];
    }
}

// Calls `body(position, channel, lanes)` for all vectors of channels of all rows, then lets streamed values be seen.
template <class Body>
void forRows(int64_t rows, int64_t channels, const Body& body) {
  const Parts parts(rows);
  parallelFor(parts.count, [&](int64_t part, int) {
    for (int64_t row = part * parts.size; row < std::min(rows, (part + 1) * parts.size); row++)
      for (int64_t channel = 0; channel < channels; channel += kLanes)
        body(row * channels + channel, channel, lanes(channels - channel));
    fence();
  });
}

}  // namespace

template <class Stored>
void channelMoments(int64_t rows, int64_t channels, const Stored* x, double* mean, double* variance) {
  // Of differences to the first row: squares of values far from 0 would leave nothing of their variance in float32.
  std::vector<float> first(channels);
  for (int64_t channel = 0; channel < channels; channel += kLanes) {
    const Lanes mask = lanes(channels - channel);
    const Vector value = load(x + channel, mask);
    // Infinity minus itself would hide an infinite mean.
    store(&first[channel], mask, choose(isNaN(subtract(value, value)), all(0), value));
  }
  sumRows(
      rows, channels,
      [&](int64_t at, int64_t channel, Lanes mask, Vector& sum, Vector& squares) {
        const Vector value = subtract(load(x + at, mask), load(&first[channel], mask));
        sum = add(sum, value);
        squares = multiplyAdd(value, value, squares);
      },
      mean, variance);
  for (int64_t channel = 0; channel < channels; channel++) {
    const double difference = mean[channel] / rows;
    mean[channel] = first[channel] + difference;
    const double raw = variance[channel] / rows - difference * difference;
    // NaN is kept.
    variance[channel] = raw < 0 ? 0 : raw;
  }
}

template <class Stored>
void normalize(const BatchNorm<Stored>& norm, const float* offset, const Stored* shortcut, Stored* y) {
  std::vector<float> factor(norm.channels);
  for (int64_t channel = 0; channel < norm.channels; channel++) factor[channel] = norm.scale[channel] * norm.inverseDeviation[channel];
  const bool streamed = isStreamed(norm.rows * norm.channels * sizeof(Stored));
  forRows(norm.rows, norm.channels, [&, x = norm.x, mean = norm.mean, relu = norm.relu, slope = norm.slope](int64_t at, int64_t channel, Lanes mask) {
    // The mean is subtracted first, as TensorFlow does: an infinite factor must meet 0, not infinity minus infinity.
    Vector value = subtract(load(x + at, mask), load(mean + channel, mask));
    value = multiplyAdd(value, load(&factor[channel], mask), load(offset + channel, mask));
    if (shortcut) value = add(value, load(shortcut + at, mask));
    if (relu) value = rectify(value, slope);
    put(y + at, mask, value, streamed);
  });
}

template <class Stored>
void normalizeGradient(const BatchNorm<Stored>& norm, const Stored* gradient, const Stored* y, bool batchStatistics, Stored* xGradient,
                       float* scaleGradient, float* offsetGradient, Stored* shortcutGradient) {
  const int64_t channels = norm.channels;
  const auto masked = [=, relu = norm.relu, slope = norm.slope](int64_t at, Lanes mask) {
    const Vector value = load(gradient + at, mask);
    return relu ? throughRectified(load(y + at, mask), value, slope) : value;
  };
  std::vector<double> sums(channels), products(channels);
  sumRows(
      norm.rows, channels,
      [&, x = norm.x, mean = norm.mean](int64_t at, int64_t channel, Lanes mask, Vector& sum, Vector& product) {
        const Vector value = masked(at, mask);
        sum = add(sum, value);
        product = multiplyAdd(value, subtract(load(x + at, mask), load(mean + channel, mask)), product);
      },
      sums.data(), products.data());
  // dx = factor (g - mean(g) - (x - mean) / deviation^2 mean(g (x - mean))) as factor (g - average - along (x - mean)).
  std::vector<float> factor(channels), along(channels), average(channels);
  for (int64_t channel = 0; channel < channels; channel++) {
    const double inverse = norm.inverseDeviation[channel];
    offsetGradient[channel] = static_cast<float>(sums[channel]);
    scaleGradient[channel] = static_cast<float>(products[channel] * inverse);
    factor[channel] = static_cast<float>(norm.scale[channel] * inverse);
    along[channel] = static_cast<float>(inverse * inverse * products[channel] / norm.rows);
    average[channel] = static_cast<float>(sums[channel] / norm.rows);
  }
  if (!xGradient && !shortcutGradient) return;
  const bool streamed = isStreamed(norm.rows * channels * sizeof(Stored));
  forRows(norm.rows, channels, [&, x = norm.x, mean = norm.mean](int64_t at, int64_t channel, Lanes mask) {
    Vector value = masked(at, mask);
    if (shortcutGradient) put(shortcutGradient + at, mask, value, streamed);
    if (!xGradient) return;
    if (batchStatistics) {
      const Vector centred = subtract(load(x + at, mask), load(mean + channel, mask));
      value = subtractProduct(subtract(value, load(&average[channel], mask)), load(&along[channel], mask), centred);
    }
    put(xGradient + at, mask, multiply(value, load(&factor[channel], mask)), streamed);
  });
}

#define INSTANTIATE(Stored)                                                                                                   \
  template void channelMoments<Stored>(int64_t, int64_t, const Stored*, double*, double*);                                    \
  template void normalize<Stored>(const BatchNorm<Stored>&, const float*, const Stored*, Stored*);                            \
  template void normalizeGradient<Stored>(const BatchNorm<Stored>&, const Stored*, const Stored*, bool, Stored*, float*,      \
                                          float*, Stored*);
INSTANTIATE(float)
INSTANTIATE(BFloat16)

}  // namespace gcnc
