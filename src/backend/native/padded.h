// Images for windows by tiles: padded, as one row of positions.
#pragma once
#include <algorithm>
#include <cstring>

#include "convolution.h"
#include "threads.h"

namespace gcnc {

// Values of a tile's row, and units of a tile.
constexpr int64_t kTileValues = 32, kTileUnits = 16 * 16;
// Positions of images that are taken at a time, about.
constexpr int64_t kPositions = 1024;

// Images in a row, as one row of positions: a row of zeros above each, a zero before each of its rows, which is the end of the row before it too.
struct Padded {
  int64_t height, width, channels;
  int64_t row() const { return width + 1; }
  int64_t image() const { return (height + 1) * row(); }
  // What a window of the last position reaches, and a tile of positions beyond it.
  int64_t room(int64_t images) const { return roundUp(images * image(), 2 * kTileValues) + 2 * row() + 2 * kTileValues; }
};

// With `isAhead` zeros stand above an image and before its rows, as windows read them; else below and behind, as their outputs lie.
inline void pad(const Padded& form, const BFloat16* x, int64_t images, bool isAhead, BFloat16* to) {
  const int64_t channels = form.channels, line = form.width * channels;
  BFloat16* const end = to + form.room(images) * channels;
  const auto zeros = [&](int64_t count) {
    std::memset(to, 0, count * sizeof(BFloat16));
    to += count;
  };
  for (int64_t n = 0; n < images; n++) {
    if (isAhead) zeros(form.row() * channels);
    for (int64_t row = 0; row < form.height; row++) {
      if (isAhead) zeros(channels);
      std::memcpy(to, x, line * sizeof(BFloat16));
      to += line, x += line;
      if (!isAhead) zeros(channels);
    }
    if (!isAhead) zeros(form.row() * channels);
  }
  zeros(end - to);
}

// So few that all threads have some.
inline int64_t imagesAtATime(const Padded& form, int64_t images) {
  return std::max<int64_t>(1, std::min(kPositions / form.image(), (images + threadCount() - 1) / threadCount()));
}

}  // namespace gcnc
