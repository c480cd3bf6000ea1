// The addon: puts gcnc's own ops into TensorFlow's registry, where the processor can run them.
#include <node_api.h>

#include <exception>
#include <string>

#include "amx.h"
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

// Whether tiles are as asked for: used for `amx`, and for no other level.
bool chooseTiles([[maybe_unused]] const std::string& level) {
#if defined(GCNC_AMX)
  return gcnc::useAmx(level == "amx") == (level == "amx");
#else
  return level != "amx";
#endif
}

// register(level): whether the ops are registered. Throws what TensorFlow says where it takes none.
napi_value registerOps(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value given = nullptr, registered = nullptr;
  char level[32] = "";
  napi_get_cb_info(env, info, &count, &given, nullptr, nullptr);
  napi_get_value_string_utf8(env, given, level, sizeof level, nullptr);
  try {
    const bool can = hasInstructions() && chooseTiles(level);
    if (can) {
      gcnc::registerConvolutions();
      gcnc::registerBias();
      gcnc::registerBatchNorm();
      gcnc::registerMomentum();
      gcnc::registerPooling();
      gcnc::registerSumOfSquares();
    }
    napi_get_boolean(env, can, &registered);
  } catch (const std::exception& error) {
    napi_throw_error(env, nullptr, error.what());
  }
  return registered;
}

}  // namespace

NAPI_MODULE_INIT() {
  napi_value made = nullptr;
  napi_create_function(env, "register", NAPI_AUTO_LENGTH, registerOps, nullptr, &made);
  napi_set_named_property(env, exports, "register", made);
  return exports;
}
