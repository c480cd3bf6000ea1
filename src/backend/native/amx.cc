#include "amx.h"

#if defined(GCNC_AMX)
#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>

namespace gcnc {
namespace {

bool isUsed = false;

// Steps that are turned at a time, and rows of the turned ones.
constexpr int64_t kTurned = 256, kTurnedRow = kTurned + kLine;

struct alignas(64) Configuration {
  uint8_t palette = 1, startRow = 0, reserved[14] = {};
  uint16_t bytesOfRow[16] = {};
  uint8_t rows[16] = {};
};

bool isAllowed() {
  unsigned a = 0, b = 0, c = 0, d = 0;
  constexpr unsigned kTile = 1u << 24, kBFloat16 = 1u << 22;
  if (!__get_cpuid_count(7, 0, &a, &b, &c, &d) || (d & (kTile | kBFloat16)) != (kTile | kBFloat16)) return false;
  // Linux gives the registers' memory to a process that asks for it (arch_prctl, ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA).
  return syscall(SYS_arch_prctl, 0x1023, 18) == 0;
}

// C (+)= A B of one or two tiles of rows and of columns: tiles 0 to 3 are C's, 4 and 5 A's, 6 and 7 B's.
template <int down, int across>
GCNC_WITH_AMX void multiplyTiles(const Unit* a, const Unit* b, float* c, int64_t steps, int64_t depth, const ProductStrides& by,
                                 bool accumulate) {
  const int64_t aRow = by.aRow * 4, bRow = by.bStep * 4, cRow = by.cRow * 4;
  float* const lower = c + kTileRows * by.cRow;
  GCNC_MEMORY_IS_SEEN;
  if (accumulate) {
    _tile_loadd(0, c, cRow);
    if constexpr (across == 2) _tile_loadd(1, c + kLanes, cRow);
    if constexpr (down == 2) _tile_loadd(2, lower, cRow);
    if constexpr (down == 2 && across == 2) _tile_loadd(3, lower + kLanes, cRow);
  } else {
    _tile_zero(0);
    if constexpr (across == 2) _tile_zero(1);
    if constexpr (down == 2) _tile_zero(2);
    if constexpr (down == 2 && across == 2) _tile_zero(3);
  }
  for (int64_t step = 0; step < steps; step += depth, a += depth, b += depth * by.bStep) {
    _tile_loadd(4, a, aRow);
    _tile_loadd(6, b, bRow);
    _tile_dpbf16ps(0, 4, 6);
    if constexpr (across == 2) {
      _tile_loadd(7, b + kLanes, bRow);
      _tile_dpbf16ps(1, 4, 7);
    }
    if constexpr (down == 2) {
      _tile_loadd(5, a + kTileRows * by.aRow, aRow);
      _tile_dpbf16ps(2, 5, 6);
      if constexpr (across == 2) _tile_dpbf16ps(3, 5, 7);
    }
  }
  _tile_stored(0, c, cRow);
  if constexpr (across == 2) _tile_stored(1, c + kLanes, cRow);
  if constexpr (down == 2) _tile_stored(2, lower, cRow);
  if constexpr (down == 2 && across == 2) _tile_stored(3, lower + kLanes, cRow);
  GCNC_MEMORY_IS_SEEN;
}

// A's rows `row` to `row + 16` of `steps` steps, which are then adjacent.
void turn(const Unit* a, int64_t aStep, int64_t steps, Unit* to) {
  for (int64_t step = 0; step < steps; step += kLanes) {
    Vector square[kLanes];
    for (int i = 0; i < kLanes; i++) square[i] = loadUnits(a + (step + i) * aStep);
    transpose(square);
    for (int i = 0; i < kLanes; i++) storeUnits(to + i * kTurnedRow + step, square[i]);
  }
}

GCNC_WITH_AMX void configure(int64_t depth) {
  Configuration configuration;
  for (int tile = 0; tile < 8; tile++) {
    configuration.bytesOfRow[tile] = tile == 4 || tile == 5 ? static_cast<uint16_t>(4 * depth) : 64;
    configuration.rows[tile] = tile >= 6 ? static_cast<uint8_t>(depth) : 16;
  }
  GCNC_MEMORY_IS_SEEN;
  _tile_loadconfig(&configuration);
}

GCNC_WITH_AMX void release() { _tile_release(); }

}  // namespace

bool useAmx(bool wanted) { return isUsed = wanted && isAllowed(); }
bool isAmxUsed() { return isUsed; }

AmxTiles::AmxTiles(int64_t steps) : depth_(!isUsed || steps < 8 ? 0 : steps < 16 ? 8 : 16) {
  if (depth_ > 0) configure(depth_);
}

AmxTiles::~AmxTiles() {
  if (depth_ > 0) release();
}

void AmxTiles::multiply(int64_t rows, int vectors, const Unit* a, const Unit* b, float* c, int64_t steps, const ProductStrides& by,
                        bool accumulate) const {
  for (int64_t row = 0; row < rows; row += 2 * kTileRows) {
    const bool isPair = row + kTileRows < rows;
    const auto multiplyPart = vectors == 2 ? (isPair ? multiplyTiles<2, 2> : multiplyTiles<1, 2>)
                                           : (isPair ? multiplyTiles<2, 1> : multiplyTiles<1, 1>);
    multiplyPart(a + row * by.aRow, b, c + row * by.cRow, steps, depth_, by, accumulate);
  }
}

void AmxTiles::multiplyTurned(int64_t rows, int64_t columns, const Unit* a, const Unit* b, float* c, int64_t steps,
                              const ProductStrides& by, bool accumulate) const {
  alignas(64) Unit turned[2 * kTileRows * kTurnedRow];
  const ProductStrides strides{kTurnedRow, 1, by.bStep, by.cRow};
  for (int64_t step = 0; step < steps; step += kTurned)
    for (int64_t row = 0; row < rows; row += 2 * kTileRows) {
      const int64_t count = std::min(2 * kTileRows, rows - row), depth = std::min(kTurned, steps - step);
      for (int64_t some = 0; some < count; some += kTileRows)
        turn(a + step * by.aStep + row + some, by.aStep, depth, turned + some * kTurnedRow);
      for (int64_t column = 0; column < columns; column += kBlockColumns)
        multiply(count, columns - column > kLanes ? 2 : 1, turned, b + step * by.bStep + column, c + row * by.cRow + column, depth,
                 strides, accumulate || step > 0);
    }
}

}  // namespace gcnc
#endif
