// Products of matrices of any number of rows and columns: by the microkernel, or where the processor has AMX by its tiles.
#pragma once
#include "amx.h"
#include "microkernel.h"

namespace gcnc {

// Held for several products of as many steps or fewer, on one thread.
template <class Factor>
class Products {
 public:
  explicit Products(int64_t) {}

  // As `multiply`: `vectors` (1 or 2) vectors of columns, and steps of A that are adjacent.
  void operator()(int64_t rows, int vectors, const Unit* a, const Unit* b, float* c, int64_t steps, const ProductStrides& by,
                  bool accumulate) const {
    multiply<Factor>(rows, vectors, a, b, c, steps, by, accumulate);
  }

  // Of any number of columns, and with rows of A that are adjacent.
  void ofColumns(int64_t rows, int64_t columns, const Unit* a, const Unit* b, float* c, int64_t steps, const ProductStrides& by,
                 bool accumulate) const {
    for (int64_t column = 0; column < columns; column += kBlockColumns)
      multiply<Factor>(rows, columns - column > kLanes ? 2 : 1, a, b + column, c + column, steps, by, accumulate);
  }
};

#if defined(GCNC_AMX)
template <>
class Products<BFloat16> {
 public:
  explicit Products(int64_t steps) : tiles_(steps) {}

  void operator()(int64_t rows, int vectors, const Unit* a, const Unit* b, float* c, int64_t steps, const ProductStrides& by,
                  bool accumulate) const {
    const int64_t done = tiles_.depth() == 0 ? 0 : rows / kTileRows * kTileRows;
    const int64_t summed = done == 0 ? 0 : steps / tiles_.depth() * tiles_.depth();
    if (summed == 0) return multiply<BFloat16>(rows, vectors, a, b, c, steps, by, accumulate);
    tiles_.multiply(done, vectors, a, b, c, summed, by, accumulate);
    if (summed < steps) multiply<BFloat16>(done, vectors, a + summed, b + summed * by.bStep, c, steps - summed, by, true);
    if (done < rows) multiply<BFloat16>(rows - done, vectors, a + done * by.aRow, b, c + done * by.cRow, steps, by, accumulate);
  }

  void ofColumns(int64_t rows, int64_t columns, const Unit* a, const Unit* b, float* c, int64_t steps, const ProductStrides& by,
                 bool accumulate) const {
    const int64_t done = tiles_.depth() == kTileRows ? rows / kTileRows * kTileRows : 0, summed = steps / kTileRows * kTileRows;
    const bool isTiled = done > 0 && summed > 0;
    if (isTiled) tiles_.multiplyTurned(done, roundUp(columns, kLanes), a, b, c, summed, by, accumulate);
    for (int64_t column = 0; column < columns; column += kBlockColumns) {
      const int vectors = columns - column > kLanes ? 2 : 1;
      if (!isTiled) {
        multiply<BFloat16>(rows, vectors, a, b + column, c + column, steps, by, accumulate);
        continue;
      }
      if (summed < steps)
        multiply<BFloat16>(done, vectors, a + summed * by.aStep, b + summed * by.bStep + column, c + column, steps - summed, by, true);
      if (done < rows)
        multiply<BFloat16>(rows - done, vectors, a + done, b + column, c + done * by.cRow + column, steps, by, accumulate);
    }
  }

 private:
  AmxTiles tiles_;
};
#endif

}  // namespace gcnc
