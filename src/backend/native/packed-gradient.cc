#include "packed.h"

#include <type_traits>

#include "patches.h"
#include "products.h"
#include "threads.h"

namespace gcnc {
namespace {

// Rows of the result that a thread takes at a time, and pixels whose patches for these it packs at a time.
constexpr int64_t kRows = 192, kPixels = 256;

// Pixels whose gradients are packed at a time: [panel][pixels as units][width].
struct Chunk {
  int64_t first, last, units;
  Unit* packed;
  Unit* panel(int64_t index) const { return packed + index * units * kBlockColumns; }
};

template <class Stored>
struct PackedFilterGradient {
  // Scratch slots.
  enum { kPatches, kGradients, kPlain, kSums };
  using Factor = typename FactorsOf<Stored>::Factor;
  const Images &in, &out;
  const Geometry& geometry;
  const Stored* x;
  const Stored* gradient;

  static constexpr int perUnit = Product<Factor>::kPerUnit;
  Places down = forwardPlaces(out.height, geometry), across = forwardPlaces(out.width, geometry);
  int64_t rows = geometry.kernel * geometry.kernel * in.channels;
  int64_t pixels = out.count * out.height * out.width;
  int64_t panels = (out.channels + kBlockColumns - 1) / kBlockColumns;
  int64_t sumsRow = roundUp(out.channels, kLanes);
  // In float32 the products read the gradient where it is.
  bool isPacked = perUnit == 2 || !std::is_same_v<Stored, float> || sumsRow > out.channels;
  int64_t widthOf(int64_t panel) const {
    return std::min(kBlockColumns, roundUp(out.channels - panel * kBlockColumns, kLanes));
  }

  // [pixels as units][rows `first` to `last` of the result]
  void packRows(int64_t firstPixel, int64_t count, int64_t first, int64_t last, Factor* plain, Unit* packed) const {
    const int64_t size = last - first;
    if constexpr (perUnit == 1) {
      packPatches(in, x, down, across, firstPixel, count, first, last, size, reinterpret_cast<float*>(packed));
    } else {
      packPatches(in, x, down, across, firstPixel, count, first, last, size, plain);
      if (count % 2) std::memset(plain + count * size, 0, size * sizeof(Factor));
      for (int64_t pixel = 0; pixel < count; pixel += 2, packed += size)
        for (int64_t at = 0; at < size; at += kLanes) {
          const Lanes mask = lanes(size - at);
          const Factor* even = plain + pixel * size + at;
          storeUnits(packed + at, mask, interleaveExact(load(even, mask), load(even + size, mask)));
        }
    }
  }

  void packGradients(const Chunk& chunk, int64_t first, int64_t last) const {
    for (int64_t pixel = first; pixel < last; pixel += perUnit) {
      const Stored* even = gradient + pixel * out.channels;
      for (int64_t panel = 0; panel < panels; panel++)
        for (int64_t lane = 0; lane < widthOf(panel); lane += kLanes) {
          const int64_t channel = panel * kBlockColumns + lane;
          const Lanes mask = lanes(out.channels - channel);
          const Vector one = load(even + channel, mask);
          Unit* to = chunk.panel(panel) + (pixel - chunk.first) / perUnit * widthOf(panel) + lane;
          if constexpr (perUnit == 1)
            storeUnits(to, one);
          else
            storeUnits(to, interleaveExact(one, pixel + 1 < last ? load(even + out.channels + channel, mask) : all(0)));
        }
    }
  }

  struct Columns {
    const Unit* values;
    int64_t step;
  };
  Columns columnsOf(const Chunk& chunk, int64_t panel, int64_t pixel) const {
    if (isPacked) return {chunk.panel(panel) + (pixel - chunk.first) / perUnit * widthOf(panel), widthOf(panel)};
    return {reinterpret_cast<const Unit*>(gradient) + pixel * out.channels + panel * kBlockColumns, out.channels};
  }

  // Adds the products of the pixels in `chunk` to rows `first` to `last` of the sums.
  void multiplyRows(const Chunk& chunk, int64_t first, int64_t last, float* sums, int thread) const {
    const int64_t size = last - first;
    auto* patches = static_cast<Unit*>(scratch(thread, kPatches, (kPixels / perUnit) * size * sizeof(Unit)));
    auto* plain = static_cast<Factor*>(scratch(thread, kPlain, kPixels * size * sizeof(Factor)));
    for (int64_t pixel = chunk.first; pixel < chunk.last; pixel += kPixels) {
      const int64_t count = std::min(kPixels, chunk.last - pixel);
      packRows(pixel, count, first, last, plain, patches);
      const Products<Factor> products((count + perUnit - 1) / perUnit);
      for (int64_t panel = 0; panel < panels; panel++) {
        const auto [columns, step] = columnsOf(chunk, panel, pixel);
        const ProductStrides by{1, size, step, sumsRow};
        products.ofColumns(size, widthOf(panel), patches, columns, sums + panel * kBlockColumns, (count + perUnit - 1) / perUnit, by,
                           pixel > 0);
      }
    }
  }

  void run(float* result) const {
    float* sums = result;
    if (sumsRow > out.channels) sums = static_cast<float*>(scratch(0, kSums, rows * sumsRow * sizeof(float)));
    const int64_t fitting = kSharedBytes / static_cast<int64_t>(panels * kBlockColumns * sizeof(Unit)) * perUnit;
    const int64_t all = roundUp(pixels, kPixels), size = isPacked ? std::clamp(fitting / kPixels * kPixels, kPixels, all) : all;
    const int64_t units = isPacked ? size / perUnit : 0;
    auto* packed = static_cast<Unit*>(scratch(0, kGradients, panels * units * kBlockColumns * sizeof(Unit)));
    // As many to each thread.
    const int64_t slices = roundUp((rows + kRows - 1) / kRows, threadCount()), slice = (rows + slices - 1) / slices;
    for (int64_t start = 0; start < pixels; start += size) {
      const Chunk chunk{start, std::min(start + size, pixels), units, packed};
      if (isPacked)
        parallelFor((chunk.last - start + kPixels - 1) / kPixels, [&](int64_t block, int) {
          const int64_t first = start + block * kPixels;
          packGradients(chunk, first, std::min(first + kPixels, chunk.last));
        });
      parallelFor((rows + slice - 1) / slice, [&](int64_t item, int thread) {
        const int64_t first = item * slice;
        multiplyRows(chunk, first, std::min(rows, first + slice), sums + first * sumsRow, thread);
      });
    }
    if (sums != result)
      for (int64_t row = 0; row < rows; row++)
        std::memcpy(result + row * out.channels, sums + row * sumsRow, out.channels * sizeof(float));
  }
};

}  // namespace

template <class Stored>
void packedFilterGradient(const Images& in, const Images& out, const Geometry& geometry, const Stored* x, const Stored* gradient,
                          float* filterGradient) {
  PackedFilterGradient<Stored>{in, out, geometry, x, gradient}.run(filterGradient);
}

template void packedFilterGradient<float>(const Images&, const Images&, const Geometry&, const float*, const float*, float*);
template void packedFilterGradient<BFloat16>(const Images&, const Images&, const Geometry&, const BFloat16*, const BFloat16*, float*);

}  // namespace gcnc
