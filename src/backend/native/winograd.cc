#include "winograd.h"

#include <algorithm>
#include <atomic>

#include "products.h"
#include "square.h"
#include "winograd-tiles.h"

namespace gcnc {
namespace {

constexpr int kBlockTiles = 48;
// Filters up to this many values are transformed once for all; larger ones where they are used, for many tiles at a time.
constexpr int64_t kSmallFilter = 128 * 128;
// What the transformed inputs of these tiles may take.
constexpr int64_t kTilesBytes = 6 << 20;

template <class Factor>
inline void storeFactors(Unit* to, Vector value) {
  if constexpr (Product<Factor>::kPerUnit == 1)
    storeUnits(to, value);
  else
    store(reinterpret_cast<BFloat16*>(to), kWhole, value);
}

// Transformed inputs of `tiles` tiles: [product][tile][channels as units].
struct InputLayout {
  int64_t row, product;
  InputLayout(int64_t units, int64_t tiles) : row(paddedRow(units)), product(tiles * row + kLine) {}
};

template <class Stored, class Factor>
void transformTile(const Images& in, const Tiles& tiles, const Stored* x, const Stored* zeros, int64_t tile,
                   const InputLayout& layout, Unit* to) {
  const auto [image, top, left] = tiles.place(tile);
  const Stored* pointers[kProducts];
  pointersTo<kTile>(x, in, image, top - 1, left - 1, zeros, pointers);
  for (int64_t channel = 0; channel < in.channels; channel += kLanes) {
    Vector values[kProducts];
    transformAt<kTile, kTile, transformInput>(pointers, channel, lanes(in.channels - channel), values);
    for (int p = 0; p < kProducts; p++)
      storeFactors<Factor>(to + p * layout.product + channel / Product<Factor>::kPerUnit, values[p]);
  }
}

struct FilterView {
  const float* values;  // [3, 3, rows, columns]
  int64_t rows, columns;
  bool transposed;
};

// Taps of a vector of inputs by one of outputs, [tap][input] vectors of outputs; of a transposed one turned by 180 degrees.
void loadTaps(const FilterView& filter, int64_t in, int64_t out, Vector taps[9][kLanes]) {
  const int64_t size = filter.rows * filter.columns;
  for (int tap = 0; tap < 9; tap++) {
    const float* from = filter.values + (filter.transposed ? 8 - tap : tap) * size;
    loadSquare(from, filter.rows, filter.columns, filter.transposed, in, out, taps[tap]);
  }
}

// The transformed filter of `width` outputs from `out` on and of some inputs, to [product][inputs as units][width] with so many units
// from product to product.
template <class Factor>
void transformFilterPanel(const FilterView& filter, int64_t out, int64_t width, int64_t product, int64_t firstInput, int64_t lastInput,
                          Unit* panel) {
  constexpr int perUnit = Product<Factor>::kPerUnit;
  for (int64_t in = firstInput; in < lastInput; in += kLanes)
    for (int64_t column = 0; column < width; column += kLanes) {
      Vector taps[9][kLanes];
      loadTaps(filter, in, out + column, taps);
      for (int i = 0; i < kLanes; i += perUnit) {
        Vector values[perUnit][kProducts];
        for (int half = 0; half < perUnit; half++) {
          Vector square[9];
          for (int tap = 0; tap < 9; tap++) square[tap] = taps[tap][i + half];
          transformSquare<kTaps, kTile, transformFilter>(square, values[half]);
        }
        Unit* to = panel + (in - firstInput + i) / perUnit * width + column;
        for (int p = 0; p < kProducts; p++) {
          if constexpr (perUnit == 1)
            storeUnits(to + p * product, values[0][p]);
          else
            storeUnits(to + p * product, interleave(values[0][p], values[1][p]));
        }
      }
    }
}

// Sums of products [product][tile][width] of a few tiles -> outputs `out` to `out + width` of these tiles; whether all are finite.
template <bool finishes, class Stored>
bool transformOutputsAs(const Images& in, const Tiles& tiles, int64_t firstTile, int64_t tileCount, int64_t outChannels, int64_t out,
                      int64_t width, const float* sums, int64_t product, const Epilogue<Stored>& epilogue, Stored* y) {
  const int64_t image = in.height * in.width * outChannels;
  const bool streamed = isStreamed<Stored>(in.count * image);
  Vector nonFinite = all(0);
  for (int64_t t = 0; t < tileCount; t++) {
    const auto [n, top, left] = tiles.place(firstTile + t);
    const int64_t start = n * image, maskStart = epilogue.maskCount ? n % epilogue.maskCount * image : 0;
    const int64_t rows = std::min<int64_t>(kOutputs, in.height - top), columns = std::min<int64_t>(kOutputs, in.width - left);
    for (int64_t channel = out; channel < std::min(out + width, outChannels); channel += kLanes) {
      Vector m[kProducts], outputs[kOutputs * kOutputs];
      const float* from = sums + t * width + channel - out;
      GCNC_UNROLL
      for (int p = 0; p < kProducts; p++) m[p] = load(from + p * product);
      transformSquare<kTile, kOutputs, transformOutput>(m, outputs);
      // Each of the tile's inputs has a part in one of the corners at least.
      nonFinite = withNonFinite(nonFinite, add(add(outputs[0], outputs[3]), add(outputs[12], outputs[15])));
      const Lanes mask = lanes(outChannels - channel);
      for (int64_t i = 0; i < rows; i++)
        for (int64_t j = 0; j < columns; j++) {
          const int64_t at = ((top + i) * in.width + left + j) * outChannels + channel;
          Vector value = outputs[i * kOutputs + j];
          if constexpr (finishes) value = finish(epilogue, value, channel, start + at, maskStart + at, mask);
          put(y + start + at, mask, value, streamed);
        }
    }
  }
  if (streamed) fence();
  return !hasNonFinite(nonFinite);
}

template <class Stored>
bool transformOutputs(const Images& in, const Tiles& tiles, int64_t firstTile, int64_t tileCount, int64_t outChannels, int64_t out,
                      int64_t width, const float* sums, int64_t product, const Epilogue<Stored>& epilogue, Stored* y) {
  const auto transform = epilogue.isNothing() ? transformOutputsAs<false, Stored> : transformOutputsAs<true, Stored>;
  return transform(in, tiles, firstTile, tileCount, outChannels, out, width, sums, product, epilogue, y);
}

template <class Stored>
struct WinogradConvolution {
  using Factor = typename FactorsOf<Stored>::Factor;
  const Images& in;
  int64_t outChannels;
  FilterView filter;
  const Stored* x;
  const Epilogue<Stored>& epilogue;
  Stored* y;
  Tiles tiles{in};
  int64_t units = (in.channels + Product<Factor>::kPerUnit - 1) / Product<Factor>::kPerUnit;
  // Room for the last vector's unused lanes.
  int64_t storedUnits = roundUp(in.channels, kLanes) / Product<Factor>::kPerUnit;
  const Stored* zeros = zerosOf<Stored>(in.channels);

  int64_t panels() const { return (outChannels + kBlockColumns - 1) / kBlockColumns; }
  int64_t widthOf(int64_t panel) const {
    return std::min(kBlockColumns, roundUp(outChannels - panel * kBlockColumns, kLanes));
  }
  struct Sums {
    int64_t product;
    float* values;
  };
  Sums sumsOf(int64_t tileCount, int64_t width, int thread) const {
    const int64_t product = tileCount * width + kLine;
    return {product, static_cast<float*>(scratch(thread, kProductsOfBlock, kProducts * product * sizeof(float)))};
  }

  // The sums of `count` tiles, whose transformed inputs start at `inputs`, over products with a panel's.
  void addProducts(int64_t count, const Unit* inputs, const InputLayout& layout, int64_t width, const Unit* panel,
                   int64_t panelProduct, const Sums& sums) const {
    const ProductStrides by{layout.row, 1, width, width};
    const Products<Factor> products(units);
    for (int p = 0; p < kProducts; p++)
      products(count, static_cast<int>(width / kLanes), inputs + p * layout.product, panel + p * panelProduct,
                       sums.values + p * sums.product, units, by, false);
  }

  // Each thread takes blocks of tiles from input to output; the transformed filter is small enough to be everybody's.
  bool byTiles() const {
    std::atomic<bool> isFinite{true};
    const int64_t panelProduct = storedUnits * kBlockColumns + kLine, panelUnits = kProducts * panelProduct;
    auto* transformed = static_cast<Unit*>(scratch(0, kPanels, panels() * panelUnits * sizeof(Unit)));
    const int64_t chunks = (in.channels + kLanes - 1) / kLanes, unitsOfChunk = kLanes / Product<Factor>::kPerUnit;
    parallelFor(panels() * chunks, [&](int64_t item, int) {
      const int64_t panel = item / chunks, chunk = item % chunks, width = widthOf(panel);
      transformFilterPanel<Factor>(filter, panel * kBlockColumns, width, panelProduct, chunk * kLanes, (chunk + 1) * kLanes,
                                   transformed + panel * panelUnits + chunk * unitsOfChunk * width);
    });
    const int64_t share = (tiles.count + threadCount() - 1) / threadCount();
    const int64_t size = std::min<int64_t>(kBlockTiles, roundUp(share, kMostRows));
    const InputLayout layout(storedUnits, size);
    parallelFor((tiles.count + size - 1) / size, [&](int64_t block, int thread) {
      auto* inputs = static_cast<Unit*>(scratch(thread, kInputs, kProducts * layout.product * sizeof(Unit)));
      const int64_t first = block * size, count = std::min(size, tiles.count - first);
      for (int64_t t = 0; t < count; t++)
        transformTile<Stored, Factor>(in, tiles, x, zeros, first + t, layout, inputs + t * layout.row);
      for (int64_t panel = 0; panel < panels(); panel++) {
        const int64_t width = widthOf(panel);
        const Sums sums = sumsOf(count, width, thread);
        addProducts(count, inputs, layout, width, transformed + panel * panelUnits, panelProduct, sums);
        if (!transformOutputs(in, tiles, first, count, outChannels, panel * kBlockColumns, width, sums.values, sums.product, epilogue, y))
          isFinite = false;
      }
    });
    return isFinite;
  }

  // Each thread takes panels of a large filter, which it transforms for as many tiles as the shared cache holds.
  bool byPanels() const {
    std::atomic<bool> isFinite{true};
    const int64_t fitting = kTilesBytes / static_cast<int64_t>(kProducts * paddedRow(storedUnits) * sizeof(Unit));
    const int64_t size = std::min(std::max<int64_t>(kBlockTiles, fitting / 16 * 16), tiles.count);
    const InputLayout layout(storedUnits, size);
    auto* inputs = static_cast<Unit*>(scratch(0, kInputs, kProducts * layout.product * sizeof(Unit)));
    for (int64_t first = 0; first < tiles.count; first += size) {
      const int64_t count = std::min(size, tiles.count - first);
      parallelFor(count, [&](int64_t t, int) {
        transformTile<Stored, Factor>(in, tiles, x, zeros, first + t, layout, inputs + t * layout.row);
      });
      parallelFor(panels(), [&](int64_t panel, int thread) {
        const int64_t width = widthOf(panel), panelProduct = storedUnits * width + kLine;
        const Sums sums = sumsOf(count, width, thread);
        auto* transformed = static_cast<Unit*>(scratch(thread, kPanels, kProducts * panelProduct * sizeof(Unit)));
        transformFilterPanel<Factor>(filter, panel * kBlockColumns, width, panelProduct, 0, in.channels, transformed);
        addProducts(count, inputs, layout, width, transformed, panelProduct, sums);
        if (!transformOutputs(in, tiles, first, count, outChannels, panel * kBlockColumns, width, sums.values, sums.product, epilogue, y))
          isFinite = false;
      });
    }
    return isFinite;
  }
};

}  // namespace

template <class Stored>
bool winogradConvolution(const Images& in, int64_t outChannels, bool transposed, const Stored* x, const float* filter,
                         const Epilogue<Stored>& epilogue, Stored* y) {
  const FilterView view{filter, transposed ? outChannels : in.channels, transposed ? in.channels : outChannels, transposed};
  const WinogradConvolution<Stored> convolution{in, outChannels, view, x, epilogue, y};
  return in.channels * outChannels <= kSmallFilter ? convolution.byTiles() : convolution.byPanels();
}

template bool winogradConvolution<float>(const Images&, int64_t, bool, const float*, const float*, const Epilogue<float>&, float*);
template bool winogradConvolution<BFloat16>(const Images&, int64_t, bool, const BFloat16*, const float*, const Epilogue<BFloat16>&,
                                            BFloat16*);

}  // namespace gcnc
