// Passes over rows of channels, in parts that threads share.
#pragma once
#include <algorithm>

#include "convolution.h"
#include "threads.h"

namespace gcnc {

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

}  // namespace gcnc
