#include <algorithm>
#include <atomic>

#include "products.h"
#include "winograd-tiles.h"
#include "winograd.h"

namespace gcnc {
namespace {

// Filters up to this many values: each thread sums products of its own tiles, in its own cache. Larger ones: threads share tiles.
constexpr int64_t kOwnSums = 64 * 64;
constexpr int64_t kOwnBytes = 512 << 10;

// Transformed values of `tiles` tiles: [product][tiles as units][channels], two tiles a unit in bfloat16.
template <class Factor, int from, void (*axis)(const Vector*, Vector*), class Stored>
void transformTilesAsUnits(const Images& in, const Tiles& tiles, const Stored* x, const Stored* zeros, int64_t unit, int64_t offset,
                           int64_t firstTile, int64_t lastTile, int64_t product, Unit* to) {
  constexpr int perUnit = Product<Factor>::kPerUnit;
  const Stored* pointers[perUnit][from * from];
  for (int half = 0; half < perUnit; half++) {
    const int64_t tile = firstTile + unit * perUnit + half;
    if (tile < lastTile) {
      const auto [image, top, left] = tiles.place(tile);
      pointersTo<from>(x, in, image, top - offset, left - offset, zeros, pointers[half]);
    } else {
      std::fill(pointers[half], pointers[half] + from * from, zeros);
    }
  }
  for (int64_t channel = 0; channel < in.channels; channel += kLanes) {
    const Lanes mask = lanes(in.channels - channel);
    Vector values[perUnit][kProducts];
    for (int half = 0; half < perUnit; half++) transformAt<from, kTile, axis>(pointers[half], channel, mask, values[half]);
    for (int p = 0; p < kProducts; p++) {
      if constexpr (perUnit == 1)
        storeUnits(to + p * product + channel, values[0][p]);
      else
        storeUnits(to + p * product + channel, interleave(values[0][p], values[1][p]));
    }
  }
}

template <class Stored>
struct WinogradFilterGradient {
  using Factor = typename FactorsOf<Stored>::Factor;
  const Images& in;
  const Images out;
  const Stored *x, *gradient;
  const Tiles tiles{in};
  const Stored* zeros = zerosOf<Stored>(std::max(in.channels, out.channels));
  static constexpr int64_t kPerUnit = Product<Factor>::kPerUnit;
  // Units from row to row of the transformed values, and values of the sums of one product.
  const int64_t inRow = paddedRow(roundUp(in.channels, kLanes)), outRow = paddedRow(roundUp(out.channels, kLanes));
  const int64_t sumsOfProduct = in.channels * outRow;

  // Tiles whose transformed values fit into so many bytes, of at most `most`.
  int64_t fittingTiles(int64_t bytes, int64_t least, int64_t most) const {
    const int64_t fitting = bytes / static_cast<int64_t>(kProducts * (inRow + outRow) * sizeof(Unit)) * kPerUnit;
    return std::min(std::max(least, fitting / 16 * 16), roundUp(most, kPerUnit));
  }
  int64_t unitsOf(int64_t count) const { return (count + kPerUnit - 1) / kPerUnit; }
  Unit* room(int thread, int slot, int64_t product) const {
    return static_cast<Unit*>(scratch(thread, slot, kProducts * product * sizeof(Unit)));
  }

  struct Block {
    int64_t first, last, inProduct, outProduct;
    Unit *inputs, *gradients;
  };
  Block blockOf(int64_t first, int64_t last, int64_t size, int thread) const {
    const int64_t inProduct = unitsOf(size) * inRow + kLine, outProduct = unitsOf(size) * outRow + kLine;
    return {first, last, inProduct, outProduct, room(thread, kInputs, inProduct), room(thread, kGradients, outProduct)};
  }

  void transformUnit(const Block& block, int64_t unit) const {
    transformTilesAsUnits<Factor, kTile, transformInput>(in, tiles, x, zeros, unit, 1, block.first, block.last, block.inProduct,
                                                         block.inputs + unit * inRow);
    transformTilesAsUnits<Factor, kOutputs, transformGradient>(out, tiles, gradient, zeros, unit, 0, block.first, block.last,
                                                               block.outProduct, block.gradients + unit * outRow);
  }

  void addProduct(const Products<Factor>& products, const Block& block, int64_t p, float* sums, bool accumulates) const {
    const ProductStrides by{1, inRow, outRow, outRow};
    products.ofColumns(in.channels, out.channels, block.inputs + p * block.inProduct, block.gradients + p * block.outProduct,
                       sums + p * sumsOfProduct, unitsOf(block.last - block.first), by, accumulates);
  }

  // Sums of products in as many parts as there are threads, [part][product][in][out]: the same sums whichever thread takes a part.
  float* inParts(int64_t parts) const {
    const int64_t share = roundUp((tiles.count + parts - 1) / parts, kPerUnit), size = fittingTiles(kOwnBytes, 16, share);
    auto* sums = static_cast<float*>(scratch(0, kSums, parts * kProducts * sumsOfProduct * sizeof(float)));
    parallelFor(parts, [&](int64_t part, int thread) {
      const int64_t start = std::min(part * share, tiles.count), end = std::min(start + share, tiles.count);
      float* own = sums + part * kProducts * sumsOfProduct;
      if (start == end) std::fill(own, own + kProducts * sumsOfProduct, 0.0f);
      for (int64_t first = start; first < end; first += size) {
        const Block block = blockOf(first, std::min(first + size, end), size, thread);
        for (int64_t unit = 0; unit < unitsOf(block.last - first); unit++) transformUnit(block, unit);
        const Products<Factor> products(unitsOf(block.last - first));
        for (int64_t p = 0; p < kProducts; p++) addProduct(products, block, p, own, first > start);
      }
    });
    return sums;
  }

  float* together() const {
    const int64_t size = fittingTiles(kSharedBytes, 64, tiles.count);
    auto* sums = static_cast<float*>(scratch(0, kSums, kProducts * sumsOfProduct * sizeof(float)));
    for (int64_t first = 0; first < tiles.count; first += size) {
      const Block block = blockOf(first, std::min(first + size, tiles.count), size, 0);
      parallelFor(unitsOf(block.last - first), [&](int64_t unit, int) { transformUnit(block, unit); });
      parallelFor(kProducts, [&](int64_t p, int) {
        addProduct(Products<Factor>(unitsOf(block.last - first)), block, p, sums, first > 0);
      });
    }
    return sums;
  }

  bool finish(const float* sums, int64_t parts, float* result) const {
    std::atomic<bool> isFinite{true};
    parallelFor(in.channels, [&](int64_t channel, int) {
      for (int64_t column = 0; column < out.channels; column += kLanes) {
        Vector m[kProducts], taps[9];
        for (int p = 0; p < kProducts; p++) {
          const float* from = sums + p * sumsOfProduct + channel * outRow + column;
          m[p] = load(from);
          for (int64_t part = 1; part < parts; part++) m[p] = add(m[p], load(from + part * kProducts * sumsOfProduct));
        }
        transformSquare<kTile, kTaps, transformFilterGradient>(m, taps);
        if (hasNonFinite(withNonFinite(all(0), add(add(taps[0], taps[2]), add(taps[6], taps[8]))))) isFinite = false;
        for (int tap = 0; tap < 9; tap++)
          store(result + (tap * in.channels + channel) * out.channels + column, lanes(out.channels - column), taps[tap]);
      }
    });
    return isFinite;
  }
};

}  // namespace

template <class Stored>
bool winogradFilterGradient(const Images& in, int64_t outChannels, const Stored* x, const Stored* gradient, float* filterGradient) {
  const WinogradFilterGradient<Stored> work{in, {in.count, in.height, in.width, outChannels}, x, gradient};
  const bool inParts = in.channels * outChannels <= kOwnSums;
  const int64_t parts = inParts ? threadCount() : 1;
  return work.finish(inParts ? work.inParts(parts) : work.together(), parts, filterGradient);
}

template bool winogradFilterGradient<float>(const Images&, int64_t, const float*, const float*, float*);
template bool winogradFilterGradient<BFloat16>(const Images&, int64_t, const BFloat16*, const BFloat16*, float*);

}  // namespace gcnc
