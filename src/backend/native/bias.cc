#include "bias.h"

#include <vector>

#include "rows.h"

namespace gcnc {

template <class Stored>
void biasGradient(int64_t rows, int64_t channels, const Stored* gradient, float* result) {
  std::vector<double> sums(channels), unused(channels);
  sumRows(
      rows, channels,
      [&](int64_t, Lanes mask) {
        return [gradient, mask](int64_t at, Vector& sum, Vector&) { sum = add(sum, load(gradient + at, mask)); };
      },
      sums.data(), unused.data());
  for (int64_t channel = 0; channel < channels; channel++) result[channel] = static_cast<float>(sums[channel]);
}

template void biasGradient<float>(int64_t, int64_t, const float*, float*);
template void biasGradient<BFloat16>(int64_t, int64_t, const BFloat16*, float*);

}  // namespace gcnc
