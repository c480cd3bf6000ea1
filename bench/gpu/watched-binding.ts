import type { NativeBinding } from '../../src/backend/load.ts';

/** TensorFlow's binding with some calls watched by others; the addon's own properties do not spread. */
export const watchedBinding = (binding: NativeBinding, watchers: Partial<NativeBinding>): NativeBinding => ({
  TF_Version: binding.TF_Version,
  TF_ATTR_STRING: binding.TF_ATTR_STRING,
  TF_ATTR_INT: binding.TF_ATTR_INT,
  TF_ATTR_FLOAT: binding.TF_ATTR_FLOAT,
  TF_ATTR_BOOL: binding.TF_ATTR_BOOL,
  TF_ATTR_TYPE: binding.TF_ATTR_TYPE,
  TF_ATTR_SHAPE: binding.TF_ATTR_SHAPE,
  createTensor: (...given) => binding.createTensor(...given),
  executeOp: (...given) => binding.executeOp(...given),
  tensorDataSync: (id) => binding.tensorDataSync(id),
  deleteTensor: (id) => binding.deleteTensor(id),
  isUsingGpuDevice: () => binding.isUsingGpuDevice(),
  getNumOfTensors: () => binding.getNumOfTensors(),
  ...watchers,
});
