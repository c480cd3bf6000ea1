// Loads TensorFlow's framework library before TensorFlow's addon does, and has it log no less than warnings.
//
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

// loadQuietly(path): whether TensorFlow, from here on, logs warnings and errors only.
napi_value Load(napi_env env, napi_callback_info info) {
  napi_value argument, result;
  size_t count = 1, length = 0;
  napi_get_cb_info(env, info, &count, &argument, nullptr, nullptr);
  char path[4096];
  const bool is_text = napi_get_value_string_utf8(env, argument, path, sizeof path, &length) == napi_ok;
  void* library = is_text ? LoadQuietly(path) : nullptr;
  // absl::SetMinLogLevel of the version that TensorFlow 2.21 holds; where another has another name, its lines stay.
  using SetMinLogLevel = void (*)(int);
  auto set = library == nullptr ? nullptr
                                : reinterpret_cast<SetMinLogLevel>(dlsym(
                                      library, "_ZN4absl12lts_2025081414SetMinLogLevelENS0_18LogSeverityAtLeastE"));
  if (set != nullptr) set(1);
  napi_get_boolean(env, set != nullptr, &result);
  return result;
}

}  // namespace

NAPI_MODULE_INIT() {
  napi_value load;
  napi_create_function(env, "loadQuietly", NAPI_AUTO_LENGTH, Load, nullptr, &load);
  napi_set_named_property(env, exports, "loadQuietly", load);
  return exports;
}
