#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <new>
#include <stdexcept>
#include <system_error>
#include <thread>

#include "../../../src/backend/native/threads.h"
#include "check.h"

namespace gcnc {
namespace {

void checkItems() {
  for (int round = 0; round < 2000; round++) {
    const int64_t items = 1 + round % 50;
    std::vector<std::atomic<int>> times(static_cast<size_t>(items));
    parallelFor(items, [&](int64_t item, int thread) {
      if (thread < 0 || thread >= threadCount()) std::abort();
      times[static_cast<size_t>(item)]++;
    });
    for (const auto& each : times) check(each == 1, "each item is done once");
  }
}

// An exception of a body is the caller's, all other items are done, and the pool goes on.
template <class Exception>
void checkThrown(const Exception& thrown, int64_t items, int64_t where) {
  std::atomic<int64_t> done{0};
  bool isCaught = false;
  try {
    parallelFor(items, [&](int64_t item, int) {
      if (item == where) throw thrown;
      done++;
    });
  } catch (const Exception&) {
    isCaught = true;
  }
  check(isCaught, "what a body throws reaches the caller");
  check(items == 1 || done == items - 1, "the other items are done");
  checkItems();
}

void checkScratch() {
  auto* first = static_cast<char*>(scratch(0, 0, 100));
  std::memset(first, 1, 100);
  check(scratch(0, 0, 50) == first, "smaller scratch memory is the same");
  check(reinterpret_cast<uintptr_t>(scratch(0, 1, 1)) % 64 == 0, "scratch memory is aligned");
  bool isCaught = false;
  try {
    // PTRDIFF_MAX and more: no allocator has it.
    scratch(0, 0, size_t{1} << 62);
  } catch (const std::bad_alloc&) {
    isCaught = true;
  }
  check(isCaught, "scratch memory that is not to be had throws");
  std::memset(scratch(0, 0, 100), 2, 100);
}

}  // namespace

// In a process of its own: no pool may have been made before.
void checkWithoutThreads() {
  const rlimit none{1, 1};
  if (setrlimit(RLIMIT_NPROC, &none) != 0) check(false, "the number of threads can be limited");
  // The limit is not root's.
  if (getuid() == 0 && setuid(65534) != 0) check(false, "root can become another user");
  bool isStarted = true;
  try {
    std::thread([] {}).join();
  } catch (const std::system_error&) {
    isStarted = false;
  }
  check(!isStarted, "no thread can be started here");
  checkItems();
  checkThrown(std::bad_alloc(), 64, 0);
}

void checkThreads() {
  checkItems();
  for (const int64_t items : {1, 2, 64})
    for (const int64_t where : {int64_t{0}, items - 1}) {
      checkThrown(std::bad_alloc(), items, where);
      checkThrown(std::runtime_error("it failed"), items, where);
    }
  checkScratch();
}

}  // namespace gcnc
