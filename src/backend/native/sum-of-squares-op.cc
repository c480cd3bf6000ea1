#include "kernel.h"
#include "ops.h"
#include "sum-of-squares.h"

namespace gcnc {
namespace {

class HalfSumOfSquaresKernel {
 public:
  explicit HalfSumOfSquaresKernel(const Attributes&) {}

  void run(const Call& call) const {
    std::vector<Held> held;
    std::vector<Values> tensors;
    for (int i = 0; i < call.inputs(); i++) {
      held.push_back(call.input(i));
      tensors.push_back({held.back().data<float>(), held.back().count()});
    }
    const Held half = call.output<float>(0, {});
    *half.data<float>() = static_cast<float>(sumOfSquares(tensors) / 2);
  }
};

}  // namespace

void registerSumOfSquares() {
  defineOp({"GcncHalfSumOfSquares", {"N: int >= 1"}, {"values: N * float"}, {"half: float"}});
  registerKernel<HalfSumOfSquaresKernel>("GcncHalfSumOfSquares");
}

}  // namespace gcnc
