// What a filter sees of an image at each of its places, as pieces of adjacent values.
#pragma once
#include <algorithm>
#include <type_traits>

#include "convolution.h"
#include "microkernel.h"

namespace gcnc {

// Along one axis: output `first + i step`, i < count, is a sum over `taps` inputs from `start + i stride` on; the t-th is
// multiplied by the filter at `firstTap + t tapStep`.
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
  const int64_t count = (outSize - phase + by.stride - 1) / by.stride, start = (phase + by.padding - tap) / by.stride - taps + 1;
  return {phase, by.stride, count, start, 1, taps, tap + by.stride * (taps - 1), -by.stride};
}

// Walks over `count` pixels (image, down, across) of an output by runs of pixels of one line.
struct Run {
  const Places *down, *across;
  int64_t image, i, j, length, left, done = 0;
  Run(const Places& down, const Places& across, int64_t first, int64_t count)
      : down(&down),
        across(&across),
        image(first / (down.count * across.count)),
        i(first / across.count % down.count),
        j(first % across.count),
        length(std::min(count, across.count - j)),
        left(count) {}
  void next() {
    done += length;
    left -= length;
    length = std::min(left, across->count);
    j = 0;
    if (++i < down->count) return;
    i = 0;
    image++;
  }
};

template <class Stored, class Factor>
inline void copyVector(Factor* to, const Stored* from, Lanes lanes) {
  if constexpr (std::is_same_v<Stored, BFloat16> && std::is_same_v<Factor, BFloat16>)
    copyHalves(to, from, lanes);
  else
    store(to, lanes, load(from, lanes));
}

template <class Stored, class Factor>
inline void copyValues(Factor* to, const Stored* from, int64_t count) {
  for (; count >= kLanes; count -= kLanes, to += kLanes, from += kLanes) copyVector(to, from, kWhole);
  if (count > 0) copyVector(to, from, lanes(count));
}

// `pixels` pieces of `count` adjacent values.
template <class Stored, class Factor>
inline void copyPieces(Factor* to, int64_t toStep, const Stored* from, int64_t fromStep, int64_t count, int64_t pixels) {
  if (count > kLanes) {
    for (int64_t pixel = 0; pixel < pixels; pixel++) copyValues(to + pixel * toStep, from + pixel * fromStep, count);
  } else {
    const Lanes mask = lanes(count);
    for (int64_t pixel = 0; pixel < pixels; pixel++) copyVector(to + pixel * toStep, from + pixel * fromStep, mask);
  }
}

// Values `first` to `last` of the [taps down][taps across][channels] that the filter sees at `count` pixels, zeros outside of the
// image, in rows of `row` values.
template <class Stored, class Factor>
void packPatches(const Images& in, const Stored* x, const Places& down, const Places& across, int64_t firstPixel, int64_t count,
                 int64_t first, int64_t last, int64_t row, Factor* to) {
  const int64_t piece = across.taps * in.channels, step = across.stride * in.channels, lineSize = in.width * in.channels;
  for (Run run(down, across, firstPixel, count); run.length > 0; run.next())
    for (int64_t at = first; at < last;) {
      const int64_t tap = at / piece, begin = at - tap * piece, size = std::min(piece - begin, last - at);
      const int64_t line = down.start + run.i * down.stride + tap;
      const int64_t from = (across.start + run.j * across.stride) * in.channels + begin;
      const bool isLine = line >= 0 && line < in.height;
      const Stored* start = x + (run.image * in.height + line) * lineSize;
      Factor* rows = to + run.done * row + at - first;
      const auto packSide = [&](int64_t firstOfSide, int64_t lastOfSide) {
        for (int64_t pixel = firstOfSide; pixel < lastOfSide; pixel++) {
          const int64_t shifted = from + pixel * step, left = std::clamp<int64_t>(-shifted, 0, size);
          const int64_t right = isLine ? std::clamp(lineSize - shifted, left, size) : left;
          std::memset(rows + pixel * row, 0, size * sizeof(Factor));
          copyValues(rows + pixel * row + left, start + shifted + left, right - left);
        }
      };
      const int64_t left = std::min(run.length, from < 0 ? (-from + step - 1) / step : 0);
      const int64_t right = isLine ? std::clamp((lineSize - size - from + step) / step, left, run.length) : left;
      packSide(0, left);
      copyPieces(rows + left * row, row, start + from + left * step, step, size, right - left);
      packSide(right, run.length);
      at += size;
    }
}

}  // namespace gcnc
