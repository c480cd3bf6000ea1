#include "windows.h"

#include <algorithm>
#include <atomic>
#include <cstring>

#include "amx.h"
#include "square.h"
#include "threads.h"

namespace gcnc {

#if defined(GCNC_AMX)
namespace {

// Values of a tile's row, and units of a tile.
constexpr int64_t kTileValues = 32, kTileUnits = 16 * 16;
// Positions of images that are taken at a time, about.
constexpr int64_t kPositions = 1024;

// Scratch slots.
enum { kPadded, kFilter, kSums, kTurned, kPairs, kPaddedGradient };

// Images in a row, as one row of positions: a row of zeros above each, a zero before each of its rows, which is the end of the row before it too.
struct Padded {
  int64_t height, width, channels;
  int64_t row() const { return width + 1; }
  int64_t image() const { return (height + 1) * row(); }
  // What a window of the last position reaches, and a tile of positions beyond it.
  int64_t room(int64_t images) const { return roundUp(images * image(), 2 * kTileValues) + 2 * row() + 2 * kTileValues; }
};

// `first` is where the first pixel of a row belongs: after its zero, or before the next row's.
void pad(const Padded& form, const BFloat16* x, int64_t images, bool isAhead, BFloat16* to) {
  const int64_t channels = form.channels, line = form.width * channels;
  BFloat16* const end = to + form.room(images) * channels;
  const auto zeros = [&](int64_t count) {
    std::memset(to, 0, count * sizeof(BFloat16));
    to += count;
  };
  for (int64_t n = 0; n < images; n++) {
    if (isAhead) zeros(form.row() * channels);
    for (int64_t row = 0; row < form.height; row++) {
      if (isAhead) zeros(channels);
      std::memcpy(to, x, line * sizeof(BFloat16));
      to += line, x += line;
      if (!isAhead) zeros(channels);
    }
    if (!isAhead) zeros(form.row() * channels);
  }
  zeros(end - to);
}

// Sums [position][output] of 16 `down` positions and 16 `across` outputs over the three rows of their windows. `tiles` are of the filter.
template <int down, int across>
GCNC_WITH_AMX void multiplyWindows(const BFloat16* x, int64_t channels, int64_t row, int64_t steps, const Unit* tiles, int64_t tilesOfStep,
                                   float* sums) {
  static_assert(down * across == 4);
  const int64_t position = channels * sizeof(BFloat16), sumsRow = across * 16 * sizeof(float), sumsTile = across * 16 * 16;
  GCNC_MEMORY_IS_SEEN;
  _tile_zero(0);
  _tile_zero(1);
  _tile_zero(2);
  _tile_zero(3);
  for (int tap = 0; tap < 3; tap++, x += row * channels)
    for (int64_t step = 0; step < steps; step++, tiles += tilesOfStep * kTileUnits) {
      const BFloat16* from = x + step * kTileValues;
      _tile_loadd(6, tiles, 64);
      _tile_loadd(4, from, position);
      _tile_dpbf16ps(0, 4, 6);
      if constexpr (across == 2) {
        _tile_loadd(7, tiles + kTileUnits, 64);
        _tile_dpbf16ps(1, 4, 7);
        _tile_loadd(5, from + 16 * channels, position);
        _tile_dpbf16ps(2, 5, 6);
        _tile_dpbf16ps(3, 5, 7);
      } else {
        _tile_loadd(5, from + 16 * channels, position);
        _tile_dpbf16ps(1, 5, 6);
        _tile_loadd(4, from + 32 * channels, position);
        _tile_dpbf16ps(2, 4, 6);
        _tile_loadd(5, from + 48 * channels, position);
        _tile_dpbf16ps(3, 5, 6);
      }
    }
  _tile_stored(0, sums, sumsRow);
  _tile_stored(1, sums + (across == 2 ? 16 : sumsTile), sumsRow);
  _tile_stored(2, sums + (across == 2 ? sumsTile : 2 * sumsTile), sumsRow);
  _tile_stored(3, sums + (across == 2 ? sumsTile + 16 : 3 * sumsTile), sumsRow);
  GCNC_MEMORY_IS_SEEN;
}

// Tiles of the filter [row of the window][step][sixteen outputs], steps being of 32 values of three adjacent pixels; zeros fill the last.
struct FilterTiles {
  int64_t steps, across;
  Unit* tiles;

  FilterTiles(const float* filter, int64_t inputs, int64_t outputs, bool transposed)
      : steps((3 * inputs + kTileValues - 1) / kTileValues),
        across(outputs / 16),
        tiles(static_cast<Unit*>(scratch(0, kFilter, 3 * steps * across * kTileUnits * sizeof(Unit)))) {
    const int64_t rows = transposed ? outputs : inputs, columns = transposed ? inputs : outputs, blocks = inputs / 16;
    parallelFor(9 * blocks, [&](int64_t item, int) {
      const int64_t tap = item / blocks, in = item % blocks * 16, first = tap % 3 * inputs + in;
      const float* from = filter + (transposed ? 8 - tap : tap) * rows * columns;
      for (int64_t block = 0; block < across; block++) {
        Vector square[16];
        loadSquare(from, rows, columns, transposed, in, block * 16, square);
        Unit* to = tiles + ((tap / 3 * steps + first / kTileValues) * across + block) * kTileUnits + first % kTileValues / 2 * 16;
        for (int i = 0; i < 16; i += 2) storeUnits(to + i / 2 * 16, interleave(square[i], square[i + 1]));
      }
    });
    if (3 * inputs % kTileValues == 0) return;
    for (int row = 0; row < 3; row++)
      for (int64_t block = 0; block < across; block++)
        std::memset(tiles + (((row + 1) * steps - 1) * across + block) * kTileUnits + 8 * 16, 0, 8 * 16 * sizeof(Unit));
  }
};

struct Output {
  const Padded& form;
  int64_t channels;
  const Epilogue<BFloat16>& epilogue;
  BFloat16* y;

  // Stores sums [position][width] of `count` positions from `position` of image `first` on, of outputs from `channel`; whether all are finite.
  template <bool finishes>
  bool store(int64_t first, int64_t images, int64_t position, int64_t count, int64_t channel, int64_t width, const float* sums) const {
    const int64_t image = form.height * form.width * channels;
    Vector nonFinite = all(0);
    for (int64_t done = 0, run; done < count && position < images * form.image(); done += run, position += run, sums += run * width) {
      const int64_t n = position / form.image(), row = position % form.image() / form.row(), column = position % form.row();
      run = std::min(count - done, form.row() - column);
      if (row == form.height) continue;
      const int64_t start = (first + n) * image, maskStart = epilogue.maskCount ? (first + n) % epilogue.maskCount * image : 0;
      const int64_t at = (row * form.width + column) * channels + channel, pixels = std::min(run, form.width - column);
      for (int64_t c = 0; c < width; c += 16)
        for (int64_t i = 0; i < pixels; i++) {
          Vector value = load(sums + i * width + c);
          nonFinite = withNonFinite(nonFinite, value);
          const int64_t to = at + i * channels + c;
          if constexpr (finishes) value = finish(epilogue, value, channel + c, start + to, maskStart + to, kWhole);
          gcnc::store(y + start + to, kWhole, value);
        }
    }
    return !hasNonFinite(nonFinite);
  }
};

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

int64_t imagesAtATime(const Padded& form) { return std::max<int64_t>(1, kPositions / form.image()); }

}  // namespace

// Winograd's products are a quarter as many, and its transformations pay beyond these sizes.
bool isByWindows(const Images& in, int64_t outChannels, bool isGradient) {
  const int64_t most = isGradient ? 64 * 64 : 32 * 64;
  return isAmxUsed() && in.channels % 16 == 0 && outChannels % 16 == 0 && in.channels * outChannels <= most;
}

bool windowConvolution(const Images& in, int64_t outChannels, bool transposed, const BFloat16* x, const float* filter,
                       const Epilogue<BFloat16>& epilogue, BFloat16* y) {
  const Padded form{in.height, in.width, in.channels};
  const FilterTiles by(filter, in.channels, outChannels, transposed);
  const Output output{form, outChannels, epilogue, y};
  const int64_t size = imagesAtATime(form), image = in.height * in.width * in.channels;
  std::atomic<bool> isFinite{true};
  parallelFor((in.count + size - 1) / size, [&](int64_t item, int thread) {
    const int64_t first = item * size, images = std::min(size, in.count - first);
    auto* padded = static_cast<BFloat16*>(scratch(thread, kPadded, form.room(images) * in.channels * sizeof(BFloat16)));
    pad(form, x + first * image, images, true, padded);
    const AmxTiles tiles(16);
    alignas(64) float sums[4 * kTileUnits];
    const auto store = epilogue.isNothing() ? &Output::store<false> : &Output::store<true>;
    for (int64_t block = 0; block < by.across; block += 2) {
      const bool isPair = block + 1 < by.across;
      const int64_t count = isPair ? 32 : 64, width = isPair ? 32 : 16;
      const auto multiply = isPair ? multiplyWindows<2, 2> : multiplyWindows<4, 1>;
      for (int64_t position = 0; position < images * form.image(); position += count) {
        multiply(padded + position * in.channels, in.channels, form.row(), by.steps, by.tiles + block * kTileUnits, by.across, sums);
        if (!(output.*store)(first, images, position, count, block * 16, width, sums)) isFinite = false;
      }
    }
  });
  return isFinite;
}

bool windowFilterGradient(const Images& in, int64_t outChannels, const BFloat16* x, const BFloat16* gradient, float* filterGradient) {
  const Padded form{in.height, in.width, in.channels}, outForm{in.height, in.width, outChannels};
  const int64_t size = imagesAtATime(form), groups = (in.count + size - 1) / size, parts = threadCount();
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
bool isByWindows(const Images&, int64_t, bool) { return false; }
bool windowConvolution(const Images&, int64_t, bool, const BFloat16*, const float*, const Epilogue<BFloat16>&, BFloat16*) { return false; }
bool windowFilterGradient(const Images&, int64_t, const BFloat16*, const BFloat16*, float*) { return false; }
#endif

}  // namespace gcnc
