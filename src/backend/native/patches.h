// What a filter sees of an image at each of its places, as pieces of adjacent values.
#pragma once
#include <algorithm>
#include <type_traits>

#include "convolution.h"
#include "microkernel.h"

namespace gcnc {

// Along one axis: output `first + i step`, i < count, is a sum over the inputs from `start + i stride` on, `taps` of them, of which the
// t-th is multiplied by the filter at `firstTap + t tapStep`.
struct Places {
  int64_t first, step, count, start, stride, taps, firstTap, tapStep;
};

inline Places forwardPlaces(int64_t outSize, const Geometry& by) {
  return {0, 1, outSize, -by.padding, by.stride, by.kernel, 0, 1};
}

// Of a transposed convolution the outputs `phase`, `phase + stride`, ...: they share the taps that do not meet inserted zeros.
inline Places transposedPlaces(int64_t outSize, const Geometry& by, int64_t phase) {
  const int64_t tap = (phase + by.padding) % by.stride;
  const int64_t taps = tap < by.kernel ? (by.kernel - tap + by.stride - 1) / by.stride : 0;
  const int64_t count = (outSize - phase + by.stride - 1) / by.stride;
  return {phase, by.stride, count, (phase + by.padding - tap) / by.stride - taps + 1, 1, taps, tap + by.stride * (taps - 1), -by.stride};
}

// Walks over the pixels (image, down, across) of an output.
struct Walk {
  const Places *down, *across;
  int64_t image, i, j;
  Walk(const Places& down, const Places& across, int64_t pixel)
      : down(&down),
        across(&across),
        image(pixel / (down.count * across.count)),
        i(pixel / across.count % down.count),
        j(pixel % across.count) {}
  void next() {
    if (++j < across->count) return;
    j = 0;
    if (++i < down->count) return;
    i = 0;
    image++;
  }
};

// Values `first` to `last` of the [taps across][channels] that row `tap` of the filter meets: in x itself, or in `copy` where zeros of
// the padding are among them.
template <class Stored>
inline const Stored* pieceOf(const Images& in, const Stored* x, const Walk& at, int64_t tap, int64_t first, int64_t last, Stored* copy) {
  const int64_t row = at.down->start + at.i * at.down->stride + tap, rowSize = in.width * in.channels;
  const int64_t from = (at.across->start + at.j * at.across->stride) * in.channels + first, to = from + last - first;
  const bool isRow = row >= 0 && row < in.height;
  const Stored* start = x + (at.image * in.height + row) * rowSize;
  if (isRow && from >= 0 && to <= rowSize) return start + from;
  std::memset(copy, 0, (last - first) * sizeof(Stored));
  const int64_t begin = std::max<int64_t>(from, 0), end = std::min(to, rowSize);
  if (isRow && begin < end) std::memcpy(copy + begin - from, start + begin, (end - begin) * sizeof(Stored));
  return copy;
}

}  // namespace gcnc
