// What convolutions share: the shape of images, and what is done to an output before it is stored.
#pragma once
#include <cstdint>

#include "vector.h"

namespace gcnc {

// [count, height, width, channels], row-major.
struct Images {
  int64_t count, height, width, channels;
};

// Filters are [kernel, kernel, in, out]; `padding` zeros surround the image.
struct Geometry {
  int64_t kernel, stride, padding;
};

// output -> mask(relu(output + bias + addend)), each part where it is given. `slope` is of the ReLU and of the mask: above 0, LeakyReLU's.
template <class Stored>
struct Epilogue {
  const float* bias = nullptr;     // [channels]
  const Stored* addend = nullptr;  // as the output
  bool relu = false;
  float slope = 0;
  // Times the slope where this is not positive: the gradient of a ReLU whose output it is. [maskCount, height, width, channels], stored or, where
  // `wideMask` is given, float32; image n is masked by n modulo maskCount.
  const Stored* mask = nullptr;
  const float* wideMask = nullptr;
  int64_t maskCount = 0;
  bool isNothing() const { return !bias && !addend && !relu && !mask && !wideMask; }
};

template <class Stored>
inline Vector finish(const Epilogue<Stored>& epilogue, Vector value, int64_t channel, int64_t at, int64_t maskAt, Lanes lanes) {
  if (epilogue.bias) value = add(value, load(epilogue.bias + channel, lanes));
  if (epilogue.addend) value = add(value, load(epilogue.addend + at, lanes));
  if (epilogue.relu) value = rectify(value, epilogue.slope);
  if (epilogue.mask) value = throughRectified(load(epilogue.mask + maskAt, lanes), value, epilogue.slope);
  if (epilogue.wideMask) value = throughRectified(load(epilogue.wideMask + maskAt, lanes), value, epilogue.slope);
  return value;
}

}  // namespace gcnc
