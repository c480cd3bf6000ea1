#include "microkernel.h"
#include "packed.h"
#include "patches.h"
#include "threads.h"

namespace gcnc {
namespace {

// Scratch slots.
enum { kPatches, kGradients, kPlain, kSums };

constexpr int64_t kBlockColumns = 32;
// Rows of the result that a thread takes at a time, and pixels whose patches for these it packs at a time.
constexpr int64_t kRows = 96, kPixels = 256;
constexpr int64_t kSharedBytes = 10 << 20;

inline __m512i pairs(const BFloat16* even, const BFloat16* odd, __mmask16 mask) {
  const __m512i low = _mm512_cvtepu16_epi32(_mm256_maskz_loadu_epi16(mask, even));
  const __m512i high = _mm512_cvtepu16_epi32(_mm256_maskz_loadu_epi16(mask, odd));
  return _mm512_or_si512(low, _mm512_slli_epi32(high, 16));
}
inline __m512i pairs(const float* even, const float* odd, __mmask16 mask) { return interleave(load(even, mask), load(odd, mask)); }

template <class Stored, class Factor>
struct FilterGradient {
  const Images &in, &out;
  const Geometry& geometry;
  const Stored* x;
  const Stored* gradient;

  static constexpr int perUnit = Product<Factor>::kPerUnit;
  Places down = forwardPlaces(out.height, geometry), across = forwardPlaces(out.width, geometry);
  int64_t rows = geometry.kernel * geometry.kernel * in.channels;
  int64_t pixels = out.count * out.height * out.width;
  int64_t panels = (out.channels + kBlockColumns - 1) / kBlockColumns;
  int64_t widthOf(int64_t panel) const {
    return std::min(kBlockColumns, roundUp(out.channels - panel * kBlockColumns, kLanes));
  }

  // [pixels as units][rows `first` to `last` of the result]
  void packRows(int64_t firstPixel, int64_t count, int64_t first, int64_t last, Factor* plain, uint32_t* packed) const {
    const int64_t size = last - first;
    if constexpr (perUnit == 1) {
      packPatches(in, x, down, across, firstPixel, count, first, last, size, reinterpret_cast<float*>(packed));
    } else {
      packPatches(in, x, down, across, firstPixel, count, first, last, size, plain);
      if (count % 2) std::memset(plain + count * size, 0, size * sizeof(Factor));
      for (int64_t pixel = 0; pixel < count; pixel += 2, packed += size)
        for (int64_t at = 0; at < size; at += kLanes) {
          const __mmask16 mask = lanes(size - at);
          const Factor* even = plain + pixel * size + at;
          _mm512_mask_storeu_epi32(packed + at, mask, pairs(even, even + size, mask));
        }
    }
  }

  // [panel][pixels as units][width]
  void packGradients(int64_t firstPixel, int64_t lastPixel, int64_t unit, int64_t panelUnits, uint32_t* packed) const {
    for (int64_t pixel = firstPixel; pixel < lastPixel; pixel += perUnit, unit++) {
      const Stored* even = gradient + pixel * out.channels;
      const bool isPair = perUnit == 2 && pixel + 1 < lastPixel;
      for (int64_t panel = 0; panel < panels; panel++)
        for (int64_t lane = 0; lane < widthOf(panel); lane += kLanes) {
          const int64_t channel = panel * kBlockColumns + lane;
          const __mmask16 mask = lanes(out.channels - channel);
          uint32_t* to = packed + panel * panelUnits * kBlockColumns + unit * widthOf(panel) + lane;
          if constexpr (perUnit == 1)
            _mm512_storeu_ps(to, load(even + channel, mask));
          else if (isPair)
            _mm512_storeu_si512(to, pairs(even + channel, even + out.channels + channel, mask));
          else
            _mm512_storeu_si512(to, interleave(load(even + channel, mask), _mm512_setzero_ps()));
        }
    }
  }

  void run(float* result) const {
    const int64_t row = roundUp(out.channels, kLanes);
    float* sums = row == out.channels ? result : static_cast<float*>(scratch(0, kSums, rows * row * sizeof(float)));
    const int64_t fitting = kSharedBytes / static_cast<int64_t>(panels * kBlockColumns * sizeof(uint32_t)) * perUnit;
    const int64_t chunk = std::min(std::max(kPixels, fitting / kPixels * kPixels), roundUp(pixels, kPixels));
    const int64_t panelUnits = chunk / perUnit;
    auto* gradients = static_cast<uint32_t*>(scratch(0, kGradients, panels * panelUnits * kBlockColumns * sizeof(uint32_t)));
    const int64_t slices = roundUp((rows + kRows - 1) / kRows, threadCount()), slice = (rows + slices - 1) / slices;
    for (int64_t start = 0; start < pixels; start += chunk) {
      const int64_t stop = std::min(start + chunk, pixels), blocks = (stop - start + kPixels - 1) / kPixels;
      parallelFor(blocks, [&](int64_t block, int) {
        const int64_t first = start + block * kPixels;
        packGradients(first, std::min(first + kPixels, stop), block * (kPixels / perUnit), panelUnits, gradients);
      });
      parallelFor(slices, [&](int64_t item, int thread) {
        const int64_t first = item * slice, last = std::min(rows, first + slice);
        if (first >= last) return;
        auto* plain = static_cast<Factor*>(scratch(thread, kPlain, kPixels * slice * sizeof(Factor)));
        auto* patches = static_cast<uint32_t*>(scratch(thread, kPatches, (kPixels * slice / perUnit) * sizeof(uint32_t)));
        for (int64_t block = 0; block < blocks; block++) {
          const int64_t firstPixel = start + block * kPixels, lastPixel = std::min(firstPixel + kPixels, stop);
          packRows(firstPixel, lastPixel - firstPixel, first, last, plain, patches);
          for (int64_t panel = 0; panel < panels; panel++) {
            const int64_t width = widthOf(panel);
            const ProductStrides by{1, last - first, width, row};
            multiply<Factor>(last - first, static_cast<int>(width / kLanes), patches,
                             gradients + panel * panelUnits * kBlockColumns + block * (kPixels / perUnit) * width,
                             sums + first * row + panel * kBlockColumns, (lastPixel - firstPixel + perUnit - 1) / perUnit, by,
                             start + block > 0);
          }
        }
      });
    }
    if (sums != result)
      for (int64_t each = 0; each < rows; each++)
        std::memcpy(result + each * out.channels, sums + each * row, out.channels * sizeof(float));
  }
};

}  // namespace

template <class Stored, class Factor>
void packedFilterGradient(const Images& in, const Images& out, const Geometry& geometry, const Stored* x, const Stored* gradient,
                          float* filterGradient) {
  FilterGradient<Stored, Factor>{in, out, geometry, x, gradient}.run(filterGradient);
}

#define INSTANTIATE(Stored, Factor)                                                                                   \
  template void packedFilterGradient<Stored, Factor>(const Images&, const Images&, const Geometry&, const Stored*,    \
                                                     const Stored*, float*);
INSTANTIATE(float, float)
INSTANTIATE(float, BFloat16)
INSTANTIATE(BFloat16, float)
INSTANTIATE(BFloat16, BFloat16)

}  // namespace gcnc
