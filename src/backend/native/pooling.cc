#include "pooling.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "threads.h"
#include "vector.h"

namespace gcnc {
namespace {

// Calls body(offset of the value in its image) for each value in the image of the window at (row, column), in rows.
template <class Body>
void forWindow(const Images& in, const Window& by, int64_t row, int64_t column, const Body& body) {
  const int64_t top = row * by.stride - by.padding, left = column * by.stride - by.padding;
  for (int64_t i = std::max<int64_t>(0, top); i < std::min(in.height, top + by.size); i++)
    for (int64_t j = std::max<int64_t>(0, left); j < std::min(in.width, left + by.size); j++) body((i * in.width + j) * in.channels);
}

// Adds an image's gradient to zeros.
template <class Stored>
void addWindows(const Images& in, const Images& out, const Window& window, const Rectified& rectified, const Stored* x, const Stored* y,
                const Stored* gradient, Stored* to) {
  for (int64_t row = 0; row < out.height; row++)
    for (int64_t column = 0; column < out.width; column++)
      for (int64_t channel = 0; channel < in.channels; channel += kLanes) {
        const Lanes mask = lanes(in.channels - channel);
        const int64_t from = (row * out.width + column) * in.channels + channel;
        const Vector largest = load(y + from, mask);
        Vector value = load(gradient + from, mask);
        if (rectified.relu) value = throughRectified(largest, value, rectified.slope);
        Choice open = everywhere();
        forWindow(in, window, row, column, [&](int64_t at) {
          const Vector each = load(x + at + channel, mask);
          const Choice here = both(open, either(isNaN(each), isEqual(each, largest)));
          open = butNot(open, here);
          Stored* place = to + at + channel;
          const Vector before = load(place, mask);
          store(place, mask, choose(here, add(before, value), before));
        });
      }
}

}  // namespace

template <class Stored>
void maxPool(const Images& in, const Window& window, const Stored* x, Stored* y) {
  const int64_t height = window.outputs(in.height), width = window.outputs(in.width);
  parallelFor(in.count * height, [&](int64_t item, int) {
    const Stored* image = x + item / height * in.height * in.width * in.channels;
    Stored* to = y + item * width * in.channels;
    for (int64_t column = 0; column < width; column++)
      for (int64_t channel = 0; channel < in.channels; channel += kLanes) {
        const Lanes mask = lanes(in.channels - channel);
        Vector largest = all(-std::numeric_limits<float>::infinity());
        forWindow(in, window, item % height, column, [&](int64_t at) {
          const Vector value = load(image + at + channel, mask);
          // TensorFlow's max-pooling drops NaN; here it stays.
          largest = choose(isNaN(value), value, maximum(value, largest));
        });
        store(to + column * in.channels + channel, mask, largest);
      }
  });
}

template <class Stored>
void maxPoolGradient(const Images& in, const Images& out, const Window& window, const Rectified& rectified, const Stored* x,
                     const Stored* y, const Stored* gradient, Stored* xGradient) {
  const int64_t inImage = in.height * in.width * in.channels, outImage = out.height * out.width * out.channels;
  parallelFor(out.count, [&](int64_t n, int) {
    Stored* to = xGradient + n * inImage;
    std::memset(static_cast<void*>(to), 0, static_cast<size_t>(inImage) * sizeof(Stored));
    addWindows(in, out, window, rectified, x + n % in.count * inImage, y + n % in.count * outImage, gradient + n * outImage, to);
  });
}

#define INSTANTIATE_POOLING(Stored)                                                                                          \
  template void maxPool<Stored>(const Images&, const Window&, const Stored*, Stored*);                                       \
  template void maxPoolGradient<Stored>(const Images&, const Images&, const Window&, const Rectified&, const Stored*,        \
                                        const Stored*, const Stored*, Stored*);
INSTANTIATE_POOLING(float)
INSTANTIATE_POOLING(BFloat16)

}  // namespace gcnc
