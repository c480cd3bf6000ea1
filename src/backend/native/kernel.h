// TensorFlow's C API for kernels, as little of it as the ops here need.
#pragma once
#include <cstdint>
#include <initializer_list>
#include <new>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <typeinfo>
#include <vector>

#include "convolution.h"
#include "tensorflow/c/kernels.h"
#include "tensorflow/c/ops.h"
#include "threads.h"

namespace gcnc {

class Status {
 public:
  ~Status() { TF_DeleteStatus(status_); }
  operator TF_Status*() { return status_; }
  void check() const {
    if (TF_GetCode(status_) != TF_OK) throw std::runtime_error(TF_Message(status_));
  }

 private:
  TF_Status* status_ = TF_NewStatus();
};

template <class T>
constexpr TF_DataType typeOf();
template <>
constexpr TF_DataType typeOf<float>() { return TF_FLOAT; }
template <>
constexpr TF_DataType typeOf<BFloat16>() { return TF_BFLOAT16; }

// A tensor that TensorFlow owns, held while a kernel runs.
class Held {
 public:
  explicit Held(TF_Tensor* tensor) : tensor_(tensor) {}
  Held(Held&& other) : tensor_(other.tensor_) { other.tensor_ = nullptr; }
  Held(const Held&) = delete;
  ~Held() {
    if (tensor_) TF_DeleteTensor(tensor_);
  }
  int rank() const { return TF_NumDims(tensor_); }
  int64_t size(int axis) const { return TF_Dim(tensor_, axis); }
  int64_t count() const { return TF_TensorElementCount(tensor_); }
  // Null where the tensor is empty: how an optional input is left out.
  template <class T>
  T* data() const {
    return count() == 0 ? nullptr : static_cast<T*>(TF_TensorData(tensor_));
  }

 private:
  TF_Tensor* tensor_;
};

class Call {
 public:
  explicit Call(TF_OpKernelContext* context) : context_(context) {}
  int inputs() const { return TF_NumInputs(context_); }
  Held input(int index) const {
    Status status;
    TF_Tensor* tensor = nullptr;
    TF_GetInput(context_, index, &tensor, status);
    status.check();
    return Held(tensor);
  }
  template <class T>
  Held output(int index, const std::vector<int64_t>& shape) const {
    Status status;
    size_t bytes = sizeof(T);
    for (const int64_t size : shape) bytes *= size;
    TF_Tensor* tensor =
        TF_AllocateOutput(context_, index, typeOf<T>(), shape.data(), static_cast<int>(shape.size()), bytes, status);
    status.check();
    return Held(tensor);
  }

 private:
  TF_OpKernelContext* context_;
};

class Attributes {
 public:
  explicit Attributes(TF_OpKernelConstruction* construction) : construction_(construction) {}
  bool flag(const char* name) const {
    Status status;
    TF_Bool value = 0;
    TF_OpKernelConstruction_GetAttrBool(construction_, name, &value, status);
    status.check();
    return value != 0;
  }
  TF_DataType type(const char* name) const {
    Status status;
    TF_DataType value = TF_FLOAT;
    TF_OpKernelConstruction_GetAttrType(construction_, name, &value, status);
    status.check();
    return value;
  }
  int64_t integer(const char* name) const {
    Status status;
    int64_t value = 0;
    TF_OpKernelConstruction_GetAttrInt64(construction_, name, &value, status);
    status.check();
    return value;
  }
  float real(const char* name) const {
    Status status;
    float value = 0;
    TF_OpKernelConstruction_GetAttrFloat(construction_, name, &value, status);
    status.check();
    return value;
  }

 private:
  TF_OpKernelConstruction* construction_;
};

inline void expect(bool holds, const char* what) {
  if (!holds) throw std::invalid_argument(what);
}

inline Images imagesOf(const Held& x) {
  expect(x.rank() == 4, "images are [n, h, w, c]");
  return {x.size(0), x.size(1), x.size(2), x.size(3)};
}

struct OpDefinition {
  const char* name;
  std::vector<const char*> attributes, inputs, outputs;
};

// Defines an op, whose shapes are known when it has run.
inline void defineOp(const OpDefinition& op) {
  TF_OpDefinitionBuilder* builder = TF_NewOpDefinitionBuilder(op.name);
  for (const char* each : op.attributes) TF_OpDefinitionBuilderAddAttr(builder, each);
  for (const char* each : op.inputs) TF_OpDefinitionBuilderAddInput(builder, each);
  for (const char* each : op.outputs) TF_OpDefinitionBuilderAddOutput(builder, each);
  // Kernels may change an input in place or hold scratch memory: never folded or merged.
  TF_OpDefinitionBuilderSetIsStateful(builder, true);
  TF_OpDefinitionBuilderSetShapeInferenceFunction(builder, [](TF_ShapeInferenceContext* context, TF_Status* status) {
    TF_ShapeInferenceContextSetUnknownShape(context, status);
  });
  Status status;
  TF_RegisterOpDefinition(builder, status);
  status.check();
}

// Registers Kernel, made of Attributes and called with a Call, for an op on the CPU and, where `T` is not void, for that type of it.
template <class Kernel, class T = void>
void registerKernel(const char* op) {
  const auto create = [](TF_OpKernelConstruction* construction) -> void* {
    try {
      return new Kernel(Attributes(construction));
    } catch (const std::exception& error) {
      Status status;
      TF_SetStatus(status, TF_INVALID_ARGUMENT, error.what());
      TF_OpKernelConstruction_Failure(construction, status);
      return nullptr;
    }
  };
  const auto compute = [](void* kernel, TF_OpKernelContext* context) {
    const auto fail = [=](TF_Code code, const char* what) {
      Status status;
      TF_SetStatus(status, code, what);
      TF_OpKernelContext_Failure(context, status);
    };
    const auto alone = oneOpAtATime();
    try {
      static_cast<Kernel*>(kernel)->run(Call(context));
    } catch (const std::bad_alloc&) {
      fail(TF_RESOURCE_EXHAUSTED, "out of memory in a kernel of gcnc's");
    } catch (const std::invalid_argument& error) {
      fail(TF_INVALID_ARGUMENT, error.what());
    } catch (const std::exception& error) {
      fail(TF_INTERNAL, error.what());
    } catch (...) {
      fail(TF_INTERNAL, "a kernel of gcnc's failed");
    }
  };
  const auto destroy = [](void* kernel) { delete static_cast<Kernel*>(kernel); };
  TF_KernelBuilder* builder = TF_NewKernelBuilder(op, "CPU", create, compute, destroy);
  Status status;
  if constexpr (!std::is_same_v<T, void>) TF_KernelBuilder_TypeConstraint(builder, "T", typeOf<T>(), status);
  status.check();
  TF_RegisterKernelBuilder((std::string(op) + "/" + typeid(Kernel).name()).c_str(), builder, status);
  status.check();
}

}  // namespace gcnc
