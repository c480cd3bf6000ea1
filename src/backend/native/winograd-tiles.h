// Tiles of images for Winograd's filtering: where they are, and their values as vectors of channels.
#pragma once
#include <cstring>

#include "convolution.h"
#include "microkernel.h"
#include "threads.h"
#include "winograd-transforms.h"

namespace gcnc {

// Scratch slots.
enum { kInputs, kPanels, kProductsOfBlock, kGradients, kSums, kZeros };

struct Tiles {
  int64_t down, across, count;
  explicit Tiles(const Images& in)
      : down((in.height + kOutputs - 1) / kOutputs),
        across((in.width + kOutputs - 1) / kOutputs),
        count(in.count * down * across) {}
  struct Place {
    int64_t image, top, left;
  };
  Place place(int64_t tile) const {
    const int64_t inImage = tile % (down * across);
    return {tile / (down * across), inImage / across * kOutputs, inImage % across * kOutputs};
  }
};

// Values at the places of a square of side `side`, zeros outside of the image.
template <int side, class Stored>
void pointersTo(const Stored* x, const Images& in, int64_t image, int64_t top, int64_t left, const Stored* zeros,
                const Stored* pointers[side * side]) {
  const Stored* start = x + image * in.height * in.width * in.channels;
  for (int i = 0; i < side; i++) {
    const int64_t row = top + i;
    const bool isRow = row >= 0 && row < in.height;
    for (int j = 0; j < side; j++) {
      const int64_t column = left + j;
      const bool isInside = isRow && column >= 0 && column < in.width;
      pointers[i * side + j] = isInside ? start + (row * in.width + column) * in.channels : zeros;
    }
  }
}

template <class Stored>
const Stored* zerosOf(int64_t channels) {
  const size_t bytes = (channels + kLanes) * sizeof(Stored);
  void* zeros = scratch(0, kZeros, bytes);
  std::memset(zeros, 0, bytes);
  return static_cast<const Stored*>(zeros);
}

template <int from, int to, void (*axis)(const Vector*, Vector*), class Stored>
inline void transformAt(const Stored* const* pointers, int64_t channel, Lanes mask, Vector* result) {
  Vector values[from * from];
  GCNC_UNROLL
  for (int k = 0; k < from * from; k++) values[k] = load(pointers[k] + channel, mask);
  transformSquare<from, to, axis>(values, result);
}

}  // namespace gcnc
