#include <atomic>

#include "amx.h"
#include "padded.h"
#include "threads.h"
#include "windows.h"

namespace gcnc {

#if defined(GCNC_AMX)
namespace {

// x of sixteens of channels as [channel][position].
void turn(const BFloat16* x, int64_t channels, int64_t positions, int64_t row, BFloat16* to) {
  for (int64_t position = 0; position < positions; position += 16)
    for (int64_t channel = 0; channel < channels; channel += 16) {
      Vector square[16];
      for (int i = 0; i < 16; i++) square[i] = load(x + (position + i) * channels + channel);
      transpose(square);
      for (int i = 0; i < 16; i++) store(to + (channel + i) * row + position, kWhole, square[i]);
    }
}

// Values as [pair of positions][channel][2].
void pair(const BFloat16* x, int64_t channels, int64_t positions, Unit* to) {
  for (int64_t position = 0; position < positions; position += 2)
    for (int64_t channel = 0; channel < channels; channel += 16)
      storeUnits(to + position / 2 * channels + channel,
                 interleaveExact(load(x + position * channels + channel), load(x + (position + 1) * channels + channel)));
}

// Adds to sums [16 inputs][16 `across` outputs] of `taps` taps, whose inputs start at x[tap].
template <int taps, int across>
GCNC_WITH_AMX void addTaps(const BFloat16* const* x, int64_t xRow, const Unit* pairs, int64_t outputs, int64_t steps, float* const* sums,
                           bool accumulate) {
  const int64_t row = xRow * sizeof(BFloat16), pairsRow = outputs * sizeof(Unit), sumsRow = outputs * sizeof(float);
  GCNC_MEMORY_IS_SEEN;
  _tile_zero(0);
  _tile_zero(1);
  _tile_zero(2);
  _tile_zero(3);
  if (accumulate) {
    _tile_loadd(0, sums[0], sumsRow);
    if constexpr (across == 2) _tile_loadd(1, sums[0] + 16, sumsRow);
    if constexpr (taps >= 2) _tile_loadd(2, sums[1], sumsRow);
    if constexpr (taps >= 2 && across == 2) _tile_loadd(3, sums[1] + 16, sumsRow);
    if constexpr (taps == 3) _tile_loadd(3, sums[2], sumsRow);
  }
  for (int64_t step = 0; step < steps; step++) {
    const Unit* from = pairs + step * 16 * outputs;
    _tile_loadd(4, x[0] + step * kTileValues, row);
    _tile_loadd(6, from, pairsRow);
    _tile_dpbf16ps(0, 4, 6);
    if constexpr (across == 2) {
      _tile_loadd(7, from + 16, pairsRow);
      _tile_dpbf16ps(1, 4, 7);
    }
    if constexpr (taps >= 2) {
      _tile_loadd(5, x[1] + step * kTileValues, row);
      _tile_dpbf16ps(2, 5, 6);
      if constexpr (across == 2) _tile_dpbf16ps(3, 5, 7);
    }
    if constexpr (taps == 3) {
      _tile_loadd(4, x[2] + step * kTileValues, row);
      _tile_dpbf16ps(3, 4, 6);
    }
  }
  _tile_stored(0, sums[0], sumsRow);
  if constexpr (across == 2) _tile_stored(1, sums[0] + 16, sumsRow);
  if constexpr (taps >= 2) _tile_stored(2, sums[1], sumsRow);
  if constexpr (taps >= 2 && across == 2) _tile_stored(3, sums[1] + 16, sumsRow);
  if constexpr (taps == 3) _tile_stored(3, sums[2], sumsRow);
  GCNC_MEMORY_IS_SEEN;
}

}  // namespace

bool windowFilterGradient(const Images& in, int64_t outChannels, const BFloat16* x, const BFloat16* gradient, float* filterGradient) {
  // Scratch slots.
  enum { kPadded, kPaddedGradient, kTurned, kPairs, kSums };
  const Padded form{in.height, in.width, in.channels}, outForm{in.height, in.width, outChannels};
  const int64_t size = imagesAtATime(form, in.count), groups = (in.count + size - 1) / size, parts = threadCount();
  const int64_t count = 9 * in.channels * outChannels, pixels = in.height * in.width;
  const int64_t row = paddedRow(roundUp(form.room(size) + kTileValues, kTileValues) / 2) * 2;
  auto* sums = static_cast<float*>(scratch(0, kSums, parts * count * sizeof(float)));
  parallelFor(parts, [&](int64_t part, int thread) {
    float* own = sums + part * count;
    auto* padded = static_cast<BFloat16*>(scratch(thread, kPadded, form.room(size) * in.channels * sizeof(BFloat16)));
    auto* paddedGradient = static_cast<BFloat16*>(scratch(thread, kPaddedGradient, form.room(size) * outChannels * sizeof(BFloat16)));
    auto* turned = static_cast<BFloat16*>(scratch(thread, kTurned, row * in.channels * sizeof(BFloat16)));
    auto* pairs = static_cast<Unit*>(scratch(thread, kPairs, form.room(size) / 2 * outChannels * sizeof(Unit)));
    const int64_t begin = groups * part / parts, end = groups * (part + 1) / parts;
    if (begin == end) std::fill(own, own + count, 0.0f);
    for (int64_t group = begin; group < end; group++) {
      const int64_t first = group * size, images = std::min(size, in.count - first);
      const int64_t steps = (images * form.image() + kTileValues - 1) / kTileValues;
      pad(form, x + first * pixels * in.channels, images, true, padded);
      turn(padded, in.channels, roundUp(steps * kTileValues + 2 * form.row() + 2, 16), row, turned);
      pad(outForm, gradient + first * pixels * outChannels, images, false, paddedGradient);
      pair(paddedGradient, outChannels, steps * kTileValues, pairs);
      const AmxTiles tiles(16);
      for (int64_t channel = 0; channel < in.channels; channel += 16)
        for (int64_t block = 0; block < outChannels; block += 32) {
          const bool isPair = block + 16 < outChannels;
          for (int tap = 0; tap < 9;) {
            const int taps = isPair ? std::min(2, 9 - tap) : 3;
            const BFloat16* from[3];
            float* to[3];
            for (int i = 0; i < taps; i++) {
              from[i] = turned + channel * row + (tap + i) / 3 * form.row() + (tap + i) % 3;
              to[i] = own + ((tap + i) * in.channels + channel) * outChannels + block;
            }
            const auto add = !isPair ? addTaps<3, 1> : taps == 2 ? addTaps<2, 2> : addTaps<1, 2>;
            add(from, row, pairs + block, outChannels, steps, to, group > begin);
            tap += taps;
          }
        }
    }
  });
  std::atomic<bool> isFinite{true};
  parallelFor(9 * in.channels, [&](int64_t line, int) {
    Vector nonFinite = all(0);
    for (int64_t column = line * outChannels; column < (line + 1) * outChannels; column += 16) {
      Vector total = load(sums + column);
      for (int64_t part = 1; part < parts; part++) total = add(total, load(sums + part * count + column));
      nonFinite = withNonFinite(nonFinite, total);
      store(filterGradient + column, kWhole, total);
    }
    if (hasNonFinite(nonFinite)) isFinite = false;
  });
  return isFinite;
}

#else
bool windowFilterGradient(const Images&, int64_t, const BFloat16*, const BFloat16*, float*) { return false; }
#endif

}  // namespace gcnc
