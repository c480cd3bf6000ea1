/**
 * Bytes of tensors that are alive at once in a training step, by model and precision: a part that the weights take and one per image.
 * Counted on the CPU with TensorFlow's kernels; a card needs cuDNN's scratch and CUDA's context (about 0.5 GB) beside it.
 *
 *     GCNC_KERNELS=tensorflow node --import tsx bench/gpu/memory.ts > bench/gpu/memory.json
 */
import { watchTensorFlow } from '../../src/backend/load.ts';
import { runConfigSchema } from '../../src/config/schema.ts';
import { fuseActivations } from '../../src/models/fuse-activations.ts';
import { initialWeights } from '../../src/models/initialise.ts';
import { makeNetwork } from '../../src/models/models.ts';
import { weightSpecs } from '../../src/models/weights.ts';
import { createParameters, disposeParameters } from '../../src/training/parameters.ts';
import { trainStep } from '../../src/training/train-step.ts';
import { watchedBinding } from './watched-binding.ts';

const bytesOfType: Readonly<Record<number, number>> = { 1: 4, 3: 4, 4: 1, 10: 1, 14: 2 };
const held = new Map<number, number>();
let [alive, peak] = [0, 0];
const hold = (id: number, shape: readonly number[], dtype: number): void => {
  const bytes = shape.reduce((size, length) => size * length, 1) * (bytesOfType[dtype] ?? 0);
  held.set(id, bytes);
  alive += bytes;
  peak = Math.max(peak, alive);
};

watchTensorFlow((binding) => {
  // These share the memory of what they are given.
  const views = new Set(['Reshape', 'ReadVariableOp']);
  return watchedBinding(binding, {
    createTensor: (shape, dtype, values) => {
      const id = binding.createTensor(shape, dtype, values);
      hold(id, shape, dtype);
      return id;
    },
    executeOp: (op, attributes, inputs, outputs) => {
      const made = binding.executeOp(op, attributes, inputs, outputs);
      if (!views.has(op)) for (const { id, shape, dtype } of made) hold(id, shape, dtype);
      return made;
    },
    deleteTensor: (id) => {
      alive -= held.get(id) ?? 0;
      held.delete(id);
      binding.deleteTensor(id);
    },
  });
});

const [side, classes] = [32, 64];
const peakOf = (name: string, precision: 'float32' | 'bfloat16', batch: number): number => {
  const { model, training } = runConfigSchema.parse({ model: { name, width: 64 }, training: { l2: 5e-4 } });
  const network = makeNetwork(model, [side, side, 3], classes);
  const parameters = createParameters(weightSpecs(network), initialWeights(network, 0));
  const images = new Float32Array(batch * side * side * 3).fill(0.5);
  const options = { training, precision, learningRate: 1e-3, batchStatistics: true, trains: () => true };
  peak = alive;
  trainStep(
    fuseActivations(network),
    parameters,
    { images, labels: new Int32Array(batch) },
    {
      ...options,
      seed: 0,
      step: 0,
    },
  );
  // Weights and momenta are TensorFlow's own resources, which pass by uncounted: as many bytes again, each.
  const weights = parameters.trained.reduce(
    (sum, { spec }) => sum + 4 * spec.shape.reduce((size, length) => size * length, 1),
    0,
  );
  disposeParameters(parameters);
  return peak + 2 * weights;
};

const mebibytes = (bytes: number): number => Math.round(bytes / 2 ** 20);
const rows = ['resnet18', 'resnet50', 'vgg13'].flatMap((model) =>
  (['float32', 'bfloat16'] as const).map((precision) => {
    const [few, more] = [peakOf(model, precision, 32), peakOf(model, precision, 64)];
    const perImage = (more - few) / 32;
    const at = (batch: number): number => mebibytes(few - 32 * perImage + batch * perImage);
    return { model, width: 64, side, precision, batch128: at(128), batch256: at(256), batch512: at(512) };
  }),
);
process.stdout.write(`${JSON.stringify(rows, null, 1)}\n`);
