// The kernels that a build of TensorFlow has registered for ops: registry OP... prints one line per op, "name hexadecimal-KernelList".
// The CUDA build answers without a GPU and without CUDA's libraries.
#include <stdio.h>

#include "tensorflow/c/c_api.h"

int main(int count, char** names) {
  for (int i = 1; i < count; ++i) {
    TF_Status* status = TF_NewStatus();
    TF_Buffer* list = TF_GetRegisteredKernelsForOp(names[i], status);
    if (TF_GetCode(status) != TF_OK) {
      fprintf(stderr, "%s: %s\n", names[i], TF_Message(status));
      return 1;
    }
    printf("%s ", names[i]);
    for (size_t at = 0; at < list->length; ++at) printf("%02x", static_cast<const unsigned char*>(list->data)[at]);
    printf("\n");
    TF_DeleteBuffer(list);
    TF_DeleteStatus(status);
  }
}
