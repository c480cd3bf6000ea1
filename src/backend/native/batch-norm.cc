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

// Calls `body(first, last, channel, lanes)` for each vector of channels of a run of rows: what belongs to the channels stays in registers.
// Whole vectors have calls of their own, which the compiler makes without masks.
template <class Body>
inline void forVectors(int64_t first, int64_t last, int64_t channels, const Body& body) {
  int64_t channel = 0;
  for (; channel + kLanes <= channels; channel += kLanes) body(first, last, channel, kWhole);
  if (channel < channels) body(first, last, channel, lanes(channels - channel));
}

// Two sums over rows of what `termsOf(channel, lanes)(position, first, second)` adds to them: [channels] each.
template <class TermsOf>
void sumRows(int64_t rows, int64_t channels, const TermsOf& termsOf, double* first, double* second) {
  const Parts parts(rows);
  auto* partial = static_cast<double*>(scratch(0, 0, 2 * parts.count * channels * sizeof(double)));
  parallelFor(parts.count, [&](int64_t part, int) {
    double* sums = partial + 2 * part * channels;
    std::fill(sums, sums + 2 * channels, 0.0);
    const int64_t last = std::min(rows, (part + 1) * parts.size);
    for (int64_t run = part * parts.size; run < last; run += kRun)
      forVectors(run, std::min(last, run + kRun), channels, [&](int64_t row, int64_t end, int64_t channel, Lanes mask) {
        const auto terms = termsOf(channel, mask);
        // Even and odd rows have sums of their own, so that no addition waits for the one before.
        Vector one[2] = {all(0), all(0)}, two[2] = {all(0), all(0)};
        for (; row + 1 < end; row += 2)
          for (int odd = 0; odd < 2; odd++) terms((row + odd) * channels + channel, one[odd], two[odd]);
        if (row < end) terms(row * channels + channel, one[0], two[0]);
        addTo(sums + channel, mask, add(one[0], one[1]));
        addTo(sums + channels + channel, mask, add(two[0], two[1]));
      });
  });
  std::fill(first, first + channels, 0.0);
  std::fill(second, second + channels, 0.0);
  for (int64_t part = 0; part < parts.count; part++)
    for (int64_t channel = 0; channel < channels; channel++) {
      first[channel] += partial[2 * part * channels + channel];
      second[channel] += partial[(2 * part + 1) * channels + channel];
    }
}

// Calls `bodyOf(channel, lanes)(position)` for all vectors of channels of all rows, then lets streamed values be seen.
template <class BodyOf>
void forRows(int64_t rows, int64_t channels, const BodyOf& bodyOf) {
  const Parts parts(rows);
  parallelFor(parts.count, [&](int64_t part, int) {
    const int64_t last = std::min(rows, (part + 1) * parts.size);
    for (int64_t run = part * parts.size; run < last; run += kRun)
      forVectors(run, std::min(last, run + kRun), channels, [&](int64_t row, int64_t end, int64_t channel, Lanes mask) {
        const auto body = bodyOf(channel, mask);
        for (; row < end; row++) body(row * channels + channel);
      });
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
      [&](int64_t channel, Lanes mask) {
        return [x, mask, origin = load(&first[channel], mask)](int64_t at, Vector& sum, Vector& squares) {
          const Vector value = subtract(load(x + at, mask), origin);
          sum = add(sum, value);
          squares = multiplyAdd(value, value, squares);
        };
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
  forRows(norm.rows, norm.channels, [&](int64_t channel, Lanes mask) {
    return [=, x = norm.x, relu = norm.relu, slope = norm.slope, mean = load(norm.mean + channel, mask), times = load(&factor[channel], mask),
            plus = load(offset + channel, mask)](int64_t at) {
      // The mean is subtracted first, as TensorFlow does: an infinite factor must meet 0, not infinity minus infinity.
      Vector value = multiplyAdd(subtract(load(x + at, mask), mean), times, plus);
      if (shortcut) value = add(value, load(shortcut + at, mask));
      if (relu) value = rectify(value, slope);
      put(y + at, mask, value, streamed);
    };
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
      [&](int64_t channel, Lanes mask) {
        return [=, x = norm.x, mean = load(norm.mean + channel, mask)](int64_t at, Vector& sum, Vector& product) {
          const Vector value = masked(at, mask);
          sum = add(sum, value);
          product = multiplyAdd(value, subtract(load(x + at, mask), mean), product);
        };
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
  forRows(norm.rows, channels, [&](int64_t channel, Lanes mask) {
    return [=, x = norm.x, mean = load(norm.mean + channel, mask), mu = load(&average[channel], mask), slope = load(&along[channel], mask),
            times = load(&factor[channel], mask)](int64_t at) {
      Vector value = masked(at, mask);
      if (shortcutGradient) put(shortcutGradient + at, mask, value, streamed);
      if (!xGradient) return;
      if (batchStatistics) value = subtractProduct(subtract(value, mu), slope, subtract(load(x + at, mask), mean));
      put(xGradient + at, mask, multiply(value, times), streamed);
    };
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
