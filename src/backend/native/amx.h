// AMX: products of bfloat16 by tiles of 16 rows by 16 units. Part of the level of AVX-512 with bfloat16, used where the processor has it.
#pragma once
#include "microkernel.h"

#if defined(GCNC_BFLOAT16_PRODUCTS) && defined(__linux__) && \
    ((defined(__clang__) && __clang_major__ >= 12) || (!defined(__clang__) && __GNUC__ >= 11))
#define GCNC_AMX
#define GCNC_WITH_AMX __attribute__((target("amx-tile,amx-bf16")))
// The compiler does not know that tiles read and write memory.
#define GCNC_MEMORY_IS_SEEN asm volatile("" ::: "memory")

namespace gcnc {

constexpr int64_t kTileRows = 16;

// Whether tiles are used from now on: where that is wanted, the processor has them, and the system lets this process use them. Not before.
bool useAmx(bool wanted);
// What useAmx returned last.
bool isAmxUsed();

// The calling thread's tiles, configured while this lives: TensorFlow's kernels on the same thread configure theirs.
class AmxTiles {
 public:
  explicit AmxTiles(int64_t steps);
  AmxTiles(const AmxTiles&) = delete;
  ~AmxTiles();
  // Steps that a tile holds: 16, or 8 where there are no more; 0 where tiles are not used.
  int64_t depth() const { return depth_; }
  // As `multiply`: rows in sixteens, steps in multiples of the depth, steps of A adjacent.
  void multiply(int64_t rows, int vectors, const Unit* a, const Unit* b, float* c, int64_t steps, const ProductStrides& by,
                bool accumulate) const;
  // Rows, columns and steps in sixteens, a depth of 16, rows of A adjacent: they are turned first.
  void multiplyTurned(int64_t rows, int64_t columns, const Unit* a, const Unit* b, float* c, int64_t steps, const ProductStrides& by,
                      bool accumulate) const;

 private:
  int64_t depth_;
};

}  // namespace gcnc
#endif
