#include "windows.h"

#include <atomic>

#include "amx.h"
#include "padded.h"
#include "square.h"
#include "threads.h"

namespace gcnc {

#if defined(GCNC_AMX)
namespace {

// Scratch slots.
enum { kPaddedInputs, kFilterTiles };

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
        tiles(static_cast<Unit*>(scratch(0, kFilterTiles, 3 * steps * across * kTileUnits * sizeof(Unit)))) {
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
  const int64_t size = imagesAtATime(form, in.count), image = in.height * in.width * in.channels;
  std::atomic<bool> isFinite{true};
  parallelFor((in.count + size - 1) / size, [&](int64_t item, int thread) {
    const int64_t first = item * size, images = std::min(size, in.count - first);
    auto* padded = static_cast<BFloat16*>(scratch(thread, kPaddedInputs, form.room(images) * in.channels * sizeof(BFloat16)));
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

#else
bool isByWindows(const Images&, int64_t, bool) { return false; }
bool windowConvolution(const Images&, int64_t, bool, const BFloat16*, const float*, const Epilogue<BFloat16>&, BFloat16*) { return false; }
#endif

}  // namespace gcnc
