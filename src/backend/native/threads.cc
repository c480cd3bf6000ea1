#include "threads.h"

#include <algorithm>
#include <atomic>
#include <chrono>
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

// Threads spin so long before they sleep. Kernels follow each other within microseconds; but on a busy machine a thread that spins keeps the one
// that it waits for from its processor.
constexpr std::chrono::microseconds kWorkersSpin{150}, kCallersSpin{100};
constexpr int kSpinsAtATime = 32;

inline void pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

// A thread's own items: the same part of an op's rows as of the next op's, so that what it wrote is in its cache.
struct alignas(64) Share {
  // The round in its upper half, the items that nobody has claimed in its lower.
  std::atomic<uint64_t> state{0};
  int64_t next = 0, step = 1, count = 0;
};

// Spins until `holds` or the time is over; whether it holds.
template <class Holds>
bool spinUntil(const Holds& holds, std::chrono::microseconds time) {
  const auto end = std::chrono::steady_clock::now() + time;
  do {
    for (int spin = 0; spin < kSpinsAtATime; spin++) {
      if (holds()) return true;
      pause();
    }
  } while (std::chrono::steady_clock::now() < end);
  return holds();
}

class Pool {
 public:
  // With fewer workers where the system starts no more: callers do all items themselves if they must.
  explicit Pool(int threads) : shares_(threads) {
    try {
      for (int id = 1; id < threads; id++) std::thread([this, id] { work(id); }).detach();
    } catch (const std::system_error&) {
    }
  }

  void run(int64_t items, bool isForward, const std::function<void(int64_t, int)>& body) {
    if (items > std::numeric_limits<uint32_t>::max()) throw std::length_error("too many items");
    body_ = &body;
    items_ = items;
    done_.store(0, std::memory_order_relaxed);
    round_++;
    const auto count = static_cast<int64_t>(shares_.size());
    for (int64_t i = 0; i < count; i++) {
      const int64_t first = items * i / count, last = items * (i + 1) / count - 1;
      Share& share = shares_[i];
      share.next = isForward ? first : last;
      share.step = isForward ? 1 : -1;
      share.count = last + 1 - first;
      share.state.store(round_ << 32 | static_cast<uint64_t>(share.count), std::memory_order_release);
    }
    { std::lock_guard<std::mutex> lock(mutex_); }
    wake_.notify_all();
    take(0);
    // For the items that others have begun, and for nobody who has not: such a worker finds none left whenever it comes.
    const auto isDone = [&] { return done_.load() == items; };
    if (!spinUntil(isDone, kCallersSpin)) {
      std::unique_lock<std::mutex> lock(mutex_);
      isAsleep_.store(true);
      finished_.wait(lock, isDone);
      isAsleep_.store(false);
    }
    if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
  }

 private:
  static uint32_t leftOf(uint64_t state) { return static_cast<uint32_t>(state); }

  void take(int id) {
    const size_t count = shares_.size();
    for (size_t i = 0; i < count; i++) takeFrom(shares_[(id + i) % count], id);
  }

  // A claim succeeds only in the round whose state was read, and that round's caller waits for it: body and share are its own.
  void takeFrom(Share& share, int id) {
    uint64_t state = share.state.load(std::memory_order_acquire);
    while (leftOf(state) > 0) {
      if (!share.state.compare_exchange_weak(state, state - 1, std::memory_order_acq_rel)) continue;
      const int64_t items = items_;
      doItem(share.next + share.step * (share.count - leftOf(state)), id);
      // The last one wakes the caller, who may be gone to the next round by the time that this is looked at.
      if (done_.fetch_add(1) + 1 == items && isAsleep_.load()) {
        std::lock_guard<std::mutex> lock(mutex_);
        finished_.notify_one();
      }
      state = share.state.load(std::memory_order_acquire);
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
    const auto hasItems = [this] {
      for (const Share& share : shares_)
        if (leftOf(share.state.load(std::memory_order_acquire)) > 0) return true;
      return false;
    };
    for (;;) {
      if (!spinUntil(hasItems, kWorkersSpin)) {
        std::unique_lock<std::mutex> lock(mutex_);
        wake_.wait(lock, hasItems);
      }
      take(id);
    }
  }

  std::mutex mutex_;
  std::condition_variable wake_, finished_;
  std::atomic<bool> isAsleep_{false};
  std::atomic<int64_t> done_{0};
  uint64_t round_ = 0;
  int64_t items_ = 0;
  std::vector<Share> shares_;
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
  // Never destroyed: its threads end with the process. Work is shared out by threadCount(), which decides the last digits; more
  // threads than processors would only keep each other from them.
  static const int threads = std::min(threadCount(), std::max(1, availableProcessors()));
  static Pool* pool = new Pool(threads);
  // Every other time from the end: what the time before came to last is still in the cache.
  static bool isForward = false;
  isForward = !isForward;
  if (items == 1 || threads == 1)
    for (int64_t item = 0; item < items; item++) body(isForward ? item : items - 1 - item, 0);
  else
    pool->run(items, isForward, body);
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
