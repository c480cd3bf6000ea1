#include "sum-of-squares.h"

#include <algorithm>

#include "threads.h"
#include "vector.h"

namespace gcnc {
namespace {

// What a thread takes at a time, and vectors that are summed in float32.
constexpr int64_t kSummedAtATime = 1 << 15;
constexpr int64_t kSummedInFloat = 16 * kLanes;

double sumOfPart(const Values& part) {
  double sums[kLanes] = {};
  for (int64_t run = 0; run < part.count; run += kSummedInFloat) {
    Vector sum = all(0);
    for (int64_t at = run; at < std::min(part.count, run + kSummedInFloat); at += kLanes) {
      const Vector value = load(part.values + at, lanes(part.count - at));
      sum = multiplyAdd(value, value, sum);
    }
    addTo(sums, kWhole, sum);
  }
  double total = 0;
  for (const double each : sums) total += each;
  return total;
}

}  // namespace

double sumOfSquares(const std::vector<Values>& tensors) {
  std::vector<Values> parts;
  for (const auto& [values, count] : tensors)
    for (int64_t from = 0; from < count; from += kSummedAtATime) parts.push_back({values + from, std::min(kSummedAtATime, count - from)});
  std::vector<double> sums(parts.size());
  // Small tensors are many: a thread takes several.
  constexpr int64_t kTogether = 16;
  const auto count = static_cast<int64_t>(parts.size());
  parallelFor((count + kTogether - 1) / kTogether, [&](int64_t item, int) {
    for (int64_t i = item * kTogether; i < std::min(count, (item + 1) * kTogether); i++) sums[i] = sumOfPart(parts[i]);
  });
  double total = 0;
  for (const double each : sums) total += each;
  return total;
}

}  // namespace gcnc
