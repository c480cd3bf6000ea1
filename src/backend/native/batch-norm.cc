#include "batch-norm.h"

#include <vector>

#include "rows.h"

namespace gcnc {

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
  const bool streamed = isStreamed<Stored>(norm.rows * norm.channels);
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
  const bool streamed = isStreamed<Stored>(norm.rows * channels);
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

#define INSTANTIATE_BATCH_NORM(Stored)                                                                                        \
  template void channelMoments<Stored>(int64_t, int64_t, const Stored*, double*, double*);                                    \
  template void normalize<Stored>(const BatchNorm<Stored>&, const float*, const Stored*, Stored*);                            \
  template void normalizeGradient<Stored>(const BatchNorm<Stored>&, const Stored*, const Stored*, bool, Stored*, float*,      \
                                          float*, Stored*);
INSTANTIATE_BATCH_NORM(float)
INSTANTIATE_BATCH_NORM(BFloat16)

}  // namespace gcnc
