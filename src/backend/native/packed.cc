#include "packed.h"

#include <vector>

#include "patches.h"
#include "products.h"
#include "threads.h"
#include "square.h"

namespace gcnc {
namespace {

constexpr int64_t kBlockPixels = 48;
// Steps of a product whose columns stay in the first cache while the rows of a block pass.
constexpr int64_t kSteps = 512;

// Outputs that share their taps: all of a convolution, of a transposed one those of one phase of the stride.
struct Part {
  Places down, across;
  int64_t taps() const { return down.taps * across.taps; }
  int64_t pixels(int64_t images) const { return images * down.count * across.count; }
};

std::vector<Part> partsOf(const Images& out, const Geometry& by, bool transposed) {
  if (!transposed) return {{forwardPlaces(out.height, by), forwardPlaces(out.width, by)}};
  std::vector<Part> parts;
  for (int64_t i = 0; i < by.stride; i++)
    for (int64_t j = 0; j < by.stride; j++)
      parts.push_back({transposedPlaces(out.height, by, i), transposedPlaces(out.width, by, j)});
  return parts;
}

template <class Stored>
struct PackedConvolution {
  // Scratch slots.
  enum { kPatches, kPanels };
  using Factor = typename FactorsOf<Stored>::Factor;
  const Images &in, &out;
  const Geometry& geometry;
  bool transposed;
  const Stored* x;
  const float* filter;
  const Epilogue<Stored>& epilogue;
  Stored* y;

  static constexpr int perUnit = Product<Factor>::kPerUnit;
  int64_t panels() const { return (out.channels + kBlockColumns - 1) / kBlockColumns; }
  int64_t widthOf(int64_t panel) const {
    return std::min(kBlockColumns, roundUp(out.channels - panel * kBlockColumns, kLanes));
  }
  // Values of a row of the product, rounded up to whole units.
  int64_t valuesOf(const Part& part) const { return roundUp(part.taps() * in.channels, perUnit); }

  // A vector of outputs from `channel` on for each of as many inputs from `input` on.
  void loadTap(int64_t tap, int64_t input, int64_t channel, Vector rows[kLanes]) const {
    const int64_t size = transposed ? out.channels : in.channels, columns = transposed ? in.channels : out.channels;
    loadSquare(filter + tap * size * columns, size, columns, transposed, input, channel, rows);
  }

  // The filter's `panel`, [taps][inputs] as units times columns.
  void packPanel(const Part& part, int64_t panel, Unit* packed) const {
    const int64_t width = widthOf(panel), rows = part.taps() * in.channels;
    Unit* to = packed;
    for (int64_t i = 0; i < part.down.taps; i++)
      for (int64_t j = 0; j < part.across.taps; j++) {
        const int64_t row = part.down.firstTap + i * part.down.tapStep, column = part.across.firstTap + j * part.across.tapStep;
        for (int64_t input = 0; input < in.channels; input += kLanes)
          for (int64_t lane = 0; lane < width; lane += kLanes) {
            Vector values[kLanes];
            loadTap(row * geometry.kernel + column, input, panel * kBlockColumns + lane, values);
            for (int64_t k = 0; k < std::min<int64_t>(kLanes, in.channels - input); k++)
              storeUnits(to + (input + k) * width + lane, values[k]);
          }
        to += in.channels * width;
      }
    if constexpr (perUnit == 2) {
      if (rows % 2) std::memset(to, 0, width * sizeof(Unit));
      for (int64_t unit = 0; unit < (rows + 1) / 2; unit++)
        for (int64_t lane = 0; lane < width; lane += kLanes) {
          const Unit* even = packed + 2 * unit * width + lane;
          storeUnits(packed + unit * width + lane, interleave(loadUnits(even), loadUnits(even + width)));
        }
    }
  }

  void storeOutputs(const Part& part, int64_t first, int64_t count, int64_t panel, const float* sums) const {
    const int64_t width = widthOf(panel), image = out.height * out.width * out.channels, channel = panel * kBlockColumns;
    // Copies, which stores cannot change in the compiler's eyes.
    const Epilogue<Stored> last = epilogue;
    Stored* const to = y;
    const int64_t channels = out.channels, step = part.across.step * channels;
    for (Run run(part.down, part.across, first, count); run.length > 0; run.next()) {
      const int64_t row = part.down.first + run.i * part.down.step, column = part.across.first + run.j * part.across.step;
      const int64_t inImage = (row * out.width + column) * out.channels;
      const int64_t start = run.image * image + inImage;
      const int64_t maskStart = last.maskCount ? run.image % last.maskCount * image + inImage : 0;
      for (int64_t lane = 0; lane < width; lane += kLanes) {
        const int64_t c = channel + lane;
        const Lanes mask = lanes(channels - c);
        const float* from = sums + run.done * width + lane;
        int64_t at = start + c, maskAt = maskStart + c;
        if (last.isNothing()) {
          for (int64_t pixel = 0; pixel < run.length; pixel++, from += width, at += step)
            store(to + at, mask, load(from));
        } else {
          for (int64_t pixel = 0; pixel < run.length; pixel++, from += width, at += step, maskAt += step)
            store(to + at, mask, finish(last, load(from), c, at, maskAt, mask));
        }
      }
    }
  }

  void multiplyBlock(const Part& part, int64_t first, int64_t count, const Unit* packed, int thread) const {
    const int64_t units = valuesOf(part) / perUnit, row = paddedRow(units);
    auto* patches = static_cast<Unit*>(scratch(thread, kPatches, (kBlockPixels * row + kLanes) * sizeof(Unit)));
    packPatches(in, x, part.down, part.across, first, count, 0, part.taps() * in.channels, row * perUnit,
                reinterpret_cast<Factor*>(patches));
    if (perUnit == 2 && part.taps() * in.channels % 2)
      for (int64_t pixel = 0; pixel < count; pixel++) std::memset(reinterpret_cast<char*>(patches + pixel * row + units) - 2, 0, 2);
    alignas(64) float sums[kBlockPixels * kBlockColumns];
    const Products<Factor> products(units);
    for (int64_t panel = 0; panel < panels(); panel++) {
      const int64_t width = widthOf(panel);
      const Unit* columns = packed + panel * valuesOf(part) * kBlockColumns;
      const ProductStrides by{row, 1, width, width};
      int64_t step = 0;
      do {
        products(count, static_cast<int>(width / kLanes), patches + step, columns + step * width, sums,
                         std::min(kSteps, units - step), by, step > 0);
        step += kSteps;
      } while (step < units);
      storeOutputs(part, first, count, panel, sums);
    }
  }

  void run() const {
    const std::vector<Part> parts = partsOf(out, geometry, transposed);
    int64_t pixels = 0, size = 0;
    std::vector<int64_t> starts;
    for (const Part& part : parts) {
      pixels += part.pixels(out.count);
      starts.push_back(size);
      size += panels() * valuesOf(part) * kBlockColumns;
    }
    auto* packed = static_cast<Unit*>(scratch(0, kPanels, size * sizeof(Unit)));
    parallelFor(static_cast<int64_t>(parts.size()) * panels(), [&](int64_t item, int) {
      const int64_t panel = item % panels();
      const Part& part = parts[item / panels()];
      packPanel(part, panel, packed + starts[item / panels()] + panel * valuesOf(part) * kBlockColumns);
    });
    const int64_t share = (pixels + threadCount() - 1) / threadCount();
    const int64_t block = std::min(kBlockPixels, roundUp(std::max<int64_t>(share, 1), kMostRows));
    struct Item {
      size_t part;
      int64_t first;
    };
    std::vector<Item> items;
    for (size_t part = 0; part < parts.size(); part++)
      for (int64_t first = 0; first < parts[part].pixels(out.count); first += block) items.push_back({part, first});
    parallelFor(static_cast<int64_t>(items.size()), [&](int64_t item, int thread) {
      const auto [part, first] = items[item];
      const int64_t count = std::min(block, parts[part].pixels(out.count) - first);
      multiplyBlock(parts[part], first, count, packed + starts[part], thread);
    });
  }
};

}  // namespace

template <class Stored>
void packedConvolution(const Images& in, const Images& out, const Geometry& geometry, bool transposed, const Stored* x,
                       const float* filter, const Epilogue<Stored>& epilogue, Stored* y) {
  PackedConvolution<Stored>{in, out, geometry, transposed, x, filter, epilogue, y}.run();
}

template void packedConvolution<float>(const Images&, const Images&, const Geometry&, bool, const float*, const float*,
                                       const Epilogue<float>&, float*);
template void packedConvolution<BFloat16>(const Images&, const Images&, const Geometry&, bool, const BFloat16*, const float*,
                                          const Epilogue<BFloat16>&, BFloat16*);

}  // namespace gcnc
