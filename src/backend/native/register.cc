// The addon: puts gcnc's own ops into TensorFlow's registry, where the processor can run them.
#include <node_api.h>

#include <exception>

#include "ops.h"

namespace {

// What the kernels are compiled for.
bool hasInstructions() {
#if defined(__AVX512F__)
  if (!__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512bw") || !__builtin_cpu_supports("avx512vl") ||
      !__builtin_cpu_supports("avx512dq"))
    return false;
#endif
#if defined(__AVX512BF16__)
  if (!__builtin_cpu_supports("avx512bf16")) return false;
#endif
#if defined(__AVX2__)
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#else
  return true;
#endif
}

}  // namespace

// Exports {registered: boolean}; throws what TensorFlow says where it takes no ops.
NAPI_MODULE_INIT() {
  napi_value registered = nullptr;
  try {
    const bool can = hasInstructions();
    if (can) {
      gcnc::registerConvolutions();
      gcnc::registerBatchNorm();
      gcnc::registerMomentum();
      gcnc::registerPooling();
    }
    napi_get_boolean(env, can, &registered);
    napi_set_named_property(env, exports, "registered", registered);
  } catch (const std::exception& error) {
    napi_throw_error(env, nullptr, error.what());
  }
  return exports;
}
