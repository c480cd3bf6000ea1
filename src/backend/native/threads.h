// The kernels' threads: a fixed pool beside TensorFlow's own, which its C API does not lend.
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>

namespace gcnc {

// TF_NUM_INTRAOP_THREADS where it is set, else the processors this process may use.
int threadCount();

// What threads share of packed or transformed values at a time: about what the last cache holds for each.
constexpr int64_t kSharedBytes = 10 << 20;

// Held while an op runs: each uses all threads and their scratch memory.
[[nodiscard]] std::unique_lock<std::mutex> oneOpAtATime();

// Calls body(item, thread) for each item below `items`, once each, in no order, and returns when all are done. What an item
// computes must not depend on the thread, which only names the scratch memory that is free meanwhile. What a body throws, the first of
// several, is thrown here when the other items are done.
void parallelFor(int64_t items, const std::function<void(int64_t item, int thread)>& body);

// At least `bytes` of memory aligned to 64 bytes, kept for the slot of the thread; its content is whatever was there.
void* scratch(int thread, int slot, size_t bytes);

}  // namespace gcnc
