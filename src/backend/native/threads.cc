#include "threads.h"

#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <new>
#include <thread>
#include <vector>

#ifdef __linux__
#include <sched.h>
#endif

namespace gcnc {
namespace {

int availableProcessors() {
#ifdef __linux__
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) return CPU_COUNT(&set);
#endif
  return static_cast<int>(std::thread::hardware_concurrency());
}

int askedThreads() {
  const char* asked = std::getenv("TF_NUM_INTRAOP_THREADS");
  const int count = asked ? std::atoi(asked) : 0;
  return std::max(1, count > 0 ? count : availableProcessors());
}

// Workers spin this often before they sleep: kernels follow each other within microseconds.
constexpr int kSpins = 40000;

class Pool {
 public:
  explicit Pool(int threads) {
    for (int id = 1; id < threads; id++) std::thread([this, id] { work(id); }).detach();
    workers_ = threads - 1;
  }

  void run(int64_t items, const std::function<void(int64_t, int)>& body) {
    std::lock_guard<std::mutex> one(callers_);
    body_ = &body;
    items_ = items;
    next_.store(0, std::memory_order_relaxed);
    busy_.store(workers_, std::memory_order_relaxed);
    {
      std::lock_guard<std::mutex> lock(mutex_);
      round_.fetch_add(1, std::memory_order_release);
    }
    wake_.notify_all();
    take(0);
    for (int spin = 0; busy_.load(std::memory_order_acquire) > 0; spin++) {
      if (spin < kSpins)
        __builtin_ia32_pause();
      else
        std::this_thread::yield();
    }
  }

 private:
  void take(int id) {
    for (int64_t item; (item = next_.fetch_add(1, std::memory_order_relaxed)) < items_;) (*body_)(item, id);
  }

  void work(int id) {
    uint64_t seen = 0;
    for (;;) {
      for (int spin = 0; spin < kSpins && round_.load(std::memory_order_acquire) == seen; spin++)
        __builtin_ia32_pause();
      if (round_.load(std::memory_order_acquire) == seen) {
        std::unique_lock<std::mutex> lock(mutex_);
        wake_.wait(lock, [&] { return round_.load(std::memory_order_acquire) != seen; });
      }
      seen = round_.load(std::memory_order_acquire);
      take(id);
      busy_.fetch_sub(1, std::memory_order_release);
    }
  }

  int workers_ = 0;
  std::mutex callers_, mutex_;
  std::condition_variable wake_;
  std::atomic<uint64_t> round_{0};
  std::atomic<int64_t> next_{0};
  std::atomic<int> busy_{0};
  int64_t items_ = 0;
  const std::function<void(int64_t, int)>* body_ = nullptr;
};

struct Block {
  void* memory = nullptr;
  size_t bytes = 0;
};
constexpr int kSlots = 8;

}  // namespace

int threadCount() {
  static const int count = askedThreads();
  return count;
}

void parallelFor(int64_t items, const std::function<void(int64_t, int)>& body) {
  // Never destroyed: its threads end with the process.
  static Pool* pool = new Pool(threadCount());
  if (items == 1 || threadCount() == 1)
    for (int64_t item = 0; item < items; item++) body(item, 0);
  else
    pool->run(items, body);
}

void* scratch(int thread, int slot, size_t bytes) {
  static std::vector<Block> blocks(static_cast<size_t>(threadCount()) * kSlots);
  Block& block = blocks[thread * kSlots + slot];
  if (block.bytes < bytes) {
    std::free(block.memory);
    block.bytes = (bytes + 4095) & ~size_t{4095};
    block.memory = std::aligned_alloc(4096, block.bytes);
    if (!block.memory) throw std::bad_alloc();
  }
  return block.memory;
}

}  // namespace gcnc
