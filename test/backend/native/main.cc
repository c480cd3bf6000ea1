// The kernels without TensorFlow: for sanitizers, and for processors that are emulated. scripts/check-kernels.mjs compiles and runs it.
#include "../../../src/backend/native/amx.h"
#include "check.h"

int main(int count, char** arguments) {
  if (count > 1 && std::strcmp(arguments[1], "without-threads") == 0) {
    gcnc::checkWithoutThreads();
  } else {
    gcnc::checkThreads();
    gcnc::checkConvolutions();
    gcnc::checkLayers();
#if defined(GCNC_AMX)
    const bool hasTiles = gcnc::useAmx(true);
    if (hasTiles) gcnc::checkConvolutions();
    std::printf("tiles of AMX: %s; ", hasTiles ? "too" : "not here");
#endif
  }
  std::printf("%d lanes: %s\n", gcnc::kLanes, gcnc::failures == 0 ? "as it should be" : "FAILED");
  return gcnc::failures == 0 ? 0 : 1;
}
