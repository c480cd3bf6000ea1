#include "threads.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <exception>
#include <limits>
#include <new>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <utility>
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

// Threads spin this often before they sleep: kernels follow each other within microseconds.
constexpr int kSpins = 40000;

inline void pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

class Pool {
 public:
  // With fewer workers where the system starts no more: callers do all items themselves if they must.
  explicit Pool(int threads) {
    try {
      for (int id = 1; id < threads; id++) std::thread([this, id] { work(id); }).detach();
    } catch (const std::system_error&) {
    }
  }

  void run(int64_t items, const std::function<void(int64_t, int)>& body) {
    if (items > std::numeric_limits<uint32_t>::max()) throw std::length_error("too many items");
    body_ = &body;
    items_ = items;
    done_.store(0, std::memory_order_relaxed);
    state_.store(++round_ << 32 | static_cast<uint64_t>(items), std::memory_order_release);
    { std::lock_guard<std::mutex> lock(mutex_); }
    wake_.notify_all();
    take(0);
    // For the items that others have begun, and for nobody who has not: such a worker finds none left whenever it comes.
    for (int spin = 0; done_.load(std::memory_order_acquire) < items; spin++) {
      if (spin < kSpins)
        pause();
      else
        std::this_thread::yield();
    }
    if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
  }

 private:
  static uint32_t leftOf(uint64_t state) { return static_cast<uint32_t>(state); }

  // A claim succeeds only in the round whose state was read, and that round's caller waits for it: body and items are its own.
  void take(int id) {
    uint64_t state = state_.load(std::memory_order_acquire);
    while (leftOf(state) > 0) {
      if (!state_.compare_exchange_weak(state, state - 1, std::memory_order_acq_rel)) continue;
      doItem(items_ - leftOf(state), id);
      done_.fetch_add(1, std::memory_order_release);
      state = state_.load(std::memory_order_acquire);
    }
  }

  void doItem(int64_t item, int id) {
    try {
      (*body_)(item, id);
    } catch (...) {
      std::lock_guard<std::mutex> lock(mutex_);
      if (!failure_) failure_ = std::current_exception();
    }
  }

  void work(int id) {
    const auto hasItems = [this] { return leftOf(state_.load(std::memory_order_acquire)) > 0; };
    for (;;) {
      for (int spin = 0; spin < kSpins && !hasItems(); spin++) pause();
      if (!hasItems()) {
        std::unique_lock<std::mutex> lock(mutex_);
        wake_.wait(lock, hasItems);
      }
      take(id);
    }
  }

  std::mutex mutex_;
  std::condition_variable wake_;
  // The round in its upper half, the items that nobody has claimed in its lower.
  std::atomic<uint64_t> state_{0};
  std::atomic<int64_t> done_{0};
  uint64_t round_ = 0;
  int64_t items_ = 0;
  const std::function<void(int64_t, int)>* body_ = nullptr;
  std::exception_ptr failure_;
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

std::unique_lock<std::mutex> oneOpAtATime() {
  static std::mutex ops;
  return std::unique_lock<std::mutex>(ops);
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
  // Never destroyed, as the pool.
  static auto* blocks = new std::vector<Block>(static_cast<size_t>(threadCount()) * kSlots);
  Block& block = (*blocks)[static_cast<size_t>(thread * kSlots + slot)];
  if (block.bytes < bytes) {
    std::free(block.memory);
    block = {};
    const size_t whole = (bytes + 4095) & ~size_t{4095};
    block.memory = std::aligned_alloc(4096, whole);
    if (!block.memory) throw std::bad_alloc();
    block.bytes = whole;
  }
  return block.memory;
}

}  // namespace gcnc
