#include "microkernel.h"
#include "packed.h"
#include "patches.h"
#include "threads.h"

namespace gcnc {
namespace {

// Scratch slots.
enum { kPatches, kGradients, kCopies, kSums };

constexpr int64_t kBlockColumns = 32;
// Rows of the result that a thread takes at a time, and pixels whose patches for these it packs at a time.
constexpr int64_t kRows = 96, kPixels = 256;
constexpr int64_t kSharedBytes = 10 << 20;

inline void storePair(uint32_t* to, const float* values, const float*, __mmask16 mask, float) {
  _mm512_mask_storeu_ps(to, mask, load(values, mask));
}
inline void storePair(uint32_t* to, const BFloat16* values, const BFloat16*, __mmask16 mask, float) {
  _mm512_mask_storeu_ps(to, mask, load(values, mask));
}
template <class Stored>
inline void storePair(uint32_t* to, const Stored* even, const Stored* odd, __mmask16 mask, BFloat16) {
  _mm512_mask_storeu_epi32(to, mask, interleave(load(even, mask), load(odd, mask)));
}

template <class Stored, class Factor>
inline void storePairs(uint32_t* to, const Stored* even, const Stored* odd, int64_t count) {
  int64_t at = 0;
  for (; at + kLanes <= count; at += kLanes) storePair(to + at, even + at, odd + at, __mmask16{0xffff}, Factor{});
  if (at < count) storePair(to + at, even + at, odd + at, lanes(count - at), Factor{});
}

template <class Stored, class Factor>
struct FilterGradient {
  const Images &in, &out;
  const Geometry& geometry;
  const Stored* x;
  const Stored* gradient;

  static constexpr int perUnit = Product<Factor>::kPerUnit;
  Places down = forwardPlaces(out.height, geometry), across = forwardPlaces(out.width, geometry);
  int64_t piece = geometry.kernel * in.channels, rows = geometry.kernel * piece;
  int64_t pixels = out.count * out.height * out.width;
  int64_t panels = (out.channels + kBlockColumns - 1) / kBlockColumns;
  int64_t widthOf(int64_t panel) const {
    return std::min(kBlockColumns, roundUp(out.channels - panel * kBlockColumns, kLanes));
  }

  // [pixels as units][rows `first` to `last` of the result]
  void packPatches(int64_t firstPixel, int64_t lastPixel, int64_t first, int64_t last, Stored* copies, uint32_t* to) const {
    Walk at(down, across, firstPixel);
    for (int64_t pixel = firstPixel; pixel < lastPixel; pixel += perUnit) {
      const bool isPair = perUnit == 2 && pixel + 1 < lastPixel;
      Walk next = at;
      if (isPair) next.next();
      for (int64_t row = first; row < last;) {
        const int64_t tap = row / piece, begin = row % piece, end = std::min(piece, begin + last - row);
        const Stored* even = pieceOf(in, x, at, tap, begin, end, copies);
        const Stored* odd = even;
        if (perUnit == 2) {
          Stored* copy = copies + piece;
          odd = isPair ? pieceOf(in, x, next, tap, begin, end, copy) : static_cast<Stored*>(std::memset(copy, 0, (end - begin) * sizeof(Stored)));
        }
        storePairs<Stored, Factor>(to + row - first, even, odd, end - begin);
        row += end - begin;
      }
      to += last - first;
      at = next;
      at.next();
    }
  }

  // [panel][pixels as units][width]
  void packGradients(int64_t firstPixel, int64_t lastPixel, int64_t unit, int64_t panelUnits, uint32_t* packed) const {
    const Stored* zeros = gradient;
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
          else
            _mm512_storeu_si512(
                to, interleave(load(even + channel, mask), load((isPair ? even + out.channels : zeros) + channel, isPair ? mask : __mmask16{0})));
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
        auto* copies = static_cast<Stored*>(scratch(thread, kCopies, 2 * piece * sizeof(Stored)));
        auto* patches = static_cast<uint32_t*>(scratch(thread, kPatches, (kPixels * slice / perUnit) * sizeof(uint32_t)));
        for (int64_t block = 0; block < blocks; block++) {
          const int64_t firstPixel = start + block * kPixels, lastPixel = std::min(firstPixel + kPixels, stop);
          packPatches(firstPixel, lastPixel, first, last, copies, patches);
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
