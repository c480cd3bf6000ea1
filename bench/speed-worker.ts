/**
 * gcnc's side of bench/speed.ts: answers requests on standard input, one JSON line each, with examples a second.
 * Everything is timed as a user meets it: host arrays in, numbers out.
 */
import { createInterface } from 'node:readline';
import { setTensorFloat32 } from '../src/backend/framework.ts';
import { loadTensorFlow } from '../src/backend/load.ts';
import type { Precision } from '../src/backend/precision.ts';
import { cast, dispose, fromArray, readFloats } from '../src/backend/tensor.ts';
import { runConfigSchema } from '../src/config/schema.ts';
import { exact, hutchinsonOutputs } from '../src/measures/geometric-complexity/estimators.ts';
import { forward } from '../src/models/forward.ts';
import { fuseActivations } from '../src/models/fuse-activations.ts';
import { inferenceModel } from '../src/models/inference-model.ts';
import { initialWeights } from '../src/models/initialise.ts';
import { makeNetwork } from '../src/models/models.ts';
import { type Network, outputSize, upTo } from '../src/models/network.ts';
import { weightSpecs } from '../src/models/weights.ts';
import { createParameters, disposeParameters } from '../src/training/parameters.ts';
import { trainStep } from '../src/training/train-step.ts';
import { median } from './median.ts';

export interface SpeedRequest {
  readonly task: 'train' | 'inference' | 'probe' | 'exact';
  readonly model: 'resnet18' | 'vgg13' | 'resnet12' | 'conv4';
  readonly width: number;
  readonly batch: number;
  readonly precision: Precision;
  /** float32 products in TF32: on a GPU only. */
  readonly tf32?: boolean;
  readonly seconds: number;
}

const classes = 64;
const side = 32;

/** Calls `body` once to warm up, then until the time is over; examples a second of the median call. */
const rateOf = (examples: number, seconds: number, body: () => void): number => {
  body();
  const times: number[] = [];
  const start = performance.now();
  while (performance.now() - start < 1000 * seconds || times.length < 3) {
    const before = performance.now();
    body();
    times.push(performance.now() - before);
  }
  return (1000 * examples) / median(times);
};

const images = (batch: number): Float32Array =>
  Float32Array.from({ length: batch * side * side * 3 }, (_, i) => Math.sin(i * 0.37));

const train = ({ batch, precision, seconds }: SpeedRequest, network: Network): number => {
  const specs = weightSpecs(network);
  const parameters = createParameters(specs, initialWeights(network, 0));
  const { training } = runConfigSchema.parse({ training: { l2: 5e-4, learningRate: 1e-3 } });
  const labels = Int32Array.from({ length: batch }, (_, i) => i % classes);
  const pixels = images(batch);
  let step = 0;
  const rate = rateOf(batch, seconds, () => {
    trainStep(
      network,
      parameters,
      { images: pixels, labels },
      {
        training,
        precision,
        learningRate: 1e-3,
        batchStatistics: true,
        trains: () => true,
        seed: 0,
        step: step++,
      },
    );
  });
  disposeParameters(parameters);
  return rate;
};

const infer = ({ task, batch, precision, seconds }: SpeedRequest, network: Network): number => {
  const model = inferenceModel(network, initialWeights(network, 0), precision);
  const short = { ...model, network: upTo(model.network, 'embedding') };
  const pixels = images(batch);
  const examples = Array.from({ length: batch }, (_, i) => i);
  const factors = [1, 1, 1];
  const rows = task === 'exact' ? outputSize(network, 'embedding') : 1;
  let seed = 0;
  const rate = rateOf(batch * rows, seconds, () => {
    const wide = fromArray(pixels, [batch, side, side, 3]);
    const image = cast(wide, task === 'inference' ? precision : 'float32');
    dispose(wide);
    if (task === 'inference') {
      const [embedding] = forward(short.network, image, short.pass, ['embedding']);
      readFloats(embedding!);
      dispose(embedding);
    } else {
      const estimator = task === 'exact' ? exact : hutchinsonOutputs(1, 'rademacher');
      estimator({ model: short, layer: 'embedding', image, examples, seed: seed++, factors });
    }
    dispose(image);
  });
  model.dispose();
  return rate;
};

loadTensorFlow();
process.stdout.write('{"loaded":true}\n');
for await (const line of createInterface({ input: process.stdin })) {
  const request: SpeedRequest = JSON.parse(line);
  setTensorFloat32(request.tf32 === true);
  const { model } = runConfigSchema.parse({
    model: { name: request.model, width: request.width, batchNorm: request.model !== 'vgg13' },
  });
  const network = fuseActivations(makeNetwork(model, [side, side, 3], classes));
  const rate = request.task === 'train' ? train(request, network) : infer(request, network);
  const memory = Number(process.resourceUsage().maxRSS) / 1024;
  process.stdout.write(`${JSON.stringify({ rate, peakMegabytes: memory })}\n`);
}
