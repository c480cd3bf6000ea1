// What TensorFlow's C API lacks: the log level from the start, where a library lies, and whether float32 products may run in TF32.
//
// This loads TensorFlow's framework library before TensorFlow's addon does, and has it log no less than warnings.
// The library writes two lines about oneDNN to the terminal while it is loaded, and no variable keeps it from that. So standard
// error goes to a temporary file meanwhile; whatever else was written there is written to standard error afterwards, also
// where a signal ends the process.
#include <dlfcn.h>
#include <node_api.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include <string>

namespace {

constexpr int kSignals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};
int file = -1;
int terminal = -1;

// Only what a signal's handler may call.
void WriteAllBack() {
  lseek(file, 0, SEEK_SET);
  char bytes[4096];
  for (ssize_t n; (n = read(file, bytes, sizeof bytes)) > 0;)
    if (write(terminal, bytes, n) < 0) break;
}

void OnSignal(int number) {
  WriteAllBack();
  signal(number, SIG_DFL);
  raise(number);
}

bool IsOfOneDnn(const std::string& line) {
  return line.find("before absl::InitializeLog() is called") != std::string::npos ||
         line.find("oneDNN custom operations are on") != std::string::npos;
}

void WriteOthersBack() {
  std::string all;
  lseek(file, 0, SEEK_SET);
  char bytes[4096];
  for (ssize_t n; (n = read(file, bytes, sizeof bytes)) > 0;) all.append(bytes, n);
  std::string kept;
  for (size_t from = 0; from < all.size();) {
    size_t end = all.find('\n', from);
    end = end == std::string::npos ? all.size() : end + 1;
    const std::string line = all.substr(from, end - from);
    if (!IsOfOneDnn(line)) kept += line;
    from = end;
  }
  if (!kept.empty() && write(STDERR_FILENO, kept.data(), kept.size()) < 0) return;
}

void* LoadQuietly(const char* path) {
  FILE* temporary = tmpfile();
  if (temporary == nullptr) return dlopen(path, RTLD_LAZY);
  file = fileno(temporary);
  fflush(stderr);
  terminal = dup(STDERR_FILENO);
  if (terminal < 0) {
    fclose(temporary);
    return dlopen(path, RTLD_LAZY);
  }
  struct sigaction handler = {}, before[5];
  handler.sa_handler = OnSignal;
  for (int i = 0; i < 5; ++i) sigaction(kSignals[i], &handler, &before[i]);
  dup2(file, STDERR_FILENO);
  void* library = dlopen(path, RTLD_LAZY);
  fflush(stderr);
  dup2(terminal, STDERR_FILENO);
  for (int i = 0; i < 5; ++i) sigaction(kSignals[i], &before[i], nullptr);
  WriteOthersBack();
  close(terminal);
  fclose(temporary);
  return library;
}

// Functions of TensorFlow 2.21 by their names in the library; where another version has others, the settings stay as they are.
constexpr char kSetMinLogLevel[] = "_ZN4absl12lts_2025081414SetMinLogLevelENS0_18LogSeverityAtLeastE";
constexpr char kEnableTensorFloat32[] = "_ZN3tsl32enable_tensor_float_32_executionEb";
constexpr char kTensorFloat32Enabled[] = "_ZN3tsl33tensor_float_32_execution_enabledEv";

void* framework = nullptr;

template <typename Function>
Function Find(const char* name) {
  return framework == nullptr ? nullptr : reinterpret_cast<Function>(dlsym(framework, name));
}

napi_value Boolean(napi_env env, bool value) {
  napi_value result;
  napi_get_boolean(env, value, &result);
  return result;
}

// load(path, quietly): whether the library is there.
napi_value Load(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  size_t count = 2, length = 0;
  napi_get_cb_info(env, info, &count, arguments, nullptr, nullptr);
  char path[4096];
  bool quietly = false;
  if (napi_get_value_string_utf8(env, arguments[0], path, sizeof path, &length) != napi_ok ||
      napi_get_value_bool(env, arguments[1], &quietly) != napi_ok)
    return Boolean(env, false);
  framework = quietly ? LoadQuietly(path) : dlopen(path, RTLD_LAZY);
  const auto set = Find<void (*)(int)>(kSetMinLogLevel);
  if (quietly && set != nullptr) set(1);
  return Boolean(env, framework != nullptr);
}

// hold(path or name): whether the library is there; from now on others find it by its name, wherever it lies.
napi_value Hold(napi_env env, napi_callback_info info) {
  napi_value argument;
  size_t count = 1, length = 0;
  napi_get_cb_info(env, info, &count, &argument, nullptr, nullptr);
  char path[4096];
  if (napi_get_value_string_utf8(env, argument, path, sizeof path, &length) != napi_ok) return Boolean(env, false);
  return Boolean(env, dlopen(path, RTLD_LAZY) != nullptr);
}

// setTensorFloat32(on): whether TensorFlow now does as asked.
napi_value SetTensorFloat32(napi_env env, napi_callback_info info) {
  napi_value argument;
  size_t count = 1;
  napi_get_cb_info(env, info, &count, &argument, nullptr, nullptr);
  bool on = false;
  napi_get_value_bool(env, argument, &on);
  const auto enable = Find<void (*)(bool)>(kEnableTensorFloat32);
  const auto enabled = Find<bool (*)()>(kTensorFloat32Enabled);
  if (enable == nullptr || enabled == nullptr) return Boolean(env, false);
  enable(on);
  return Boolean(env, enabled() == on);
}

}  // namespace

NAPI_MODULE_INIT() {
  napi_value load, hold, set;
  napi_create_function(env, "load", NAPI_AUTO_LENGTH, Load, nullptr, &load);
  napi_create_function(env, "hold", NAPI_AUTO_LENGTH, Hold, nullptr, &hold);
  napi_create_function(env, "setTensorFloat32", NAPI_AUTO_LENGTH, SetTensorFloat32, nullptr, &set);
  napi_set_named_property(env, exports, "load", load);
  napi_set_named_property(env, exports, "hold", hold);
  napi_set_named_property(env, exports, "setTensorFloat32", set);
  return exports;
}
