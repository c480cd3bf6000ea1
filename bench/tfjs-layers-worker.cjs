/**
 * Stock tfjs-layers' side of bench/speed.ts: a training step of the same ResNet-18 as a user of tfjs would write it, by
 * model.trainOnBatch. Answers requests on standard input as the other workers do. CommonJS, as tfjs-node is.
 */
const { createInterface } = require('node:readline');
const util = require('node:util');

// tfjs-node calls what Node 23 dropped.
util.isNullOrUndefined ??= (value) => value === null || value === undefined;
util.isArray ??= Array.isArray;
const tf = require('@tensorflow/tfjs-node-gpu');

const classes = 64;
const side = 32;

const convolution = (x, filters, kernelSize, strides) =>
  tf.layers
    .batchNormalization({ epsilon: 1e-5, momentum: 0.9 })
    .apply(tf.layers.conv2d({ filters, kernelSize, strides, padding: 'same', useBias: false }).apply(x));
const relu = (x) => tf.layers.activation({ activation: 'relu' }).apply(x);

const block = (x, filters, strides) => {
  const inner = convolution(relu(convolution(x, filters, 3, strides)), filters, 3, 1);
  const shortcut = strides === 1 ? x : convolution(x, filters, 1, strides);
  return relu(tf.layers.add().apply([inner, shortcut]));
};

const resnet18 = (width) => {
  const input = tf.input({ shape: [side, side, 3] });
  let x = relu(convolution(input, width, 3, 1));
  for (let stage = 0; stage < 4; stage++)
    for (let index = 0; index < 2; index++)
      x = block(x, width * 2 ** stage, stage > 0 && index === 0 ? 2 : 1);
  const logits = tf.layers
    .dense({ units: classes })
    .apply(tf.layers.globalAveragePooling2d({ dataFormat: 'channelsLast' }).apply(x));
  return tf.model({ inputs: input, outputs: logits });
};

const rateOf = async ({ width, batch, seconds }) => {
  const model = resnet18(width);
  model.compile({
    optimizer: tf.train.momentum(1e-3, 0.9),
    loss: (labels, logits) => tf.losses.softmaxCrossEntropy(labels, logits),
  });
  const images = Float32Array.from({ length: batch * side * side * 3 }, (_, i) => Math.sin(i * 0.37));
  const labels = Int32Array.from({ length: batch }, (_, i) => i % classes);
  const step = async () => {
    const x = tf.tensor4d(images, [batch, side, side, 3]);
    const y = tf.oneHot(tf.tensor1d(labels, 'int32'), classes);
    await model.trainOnBatch(x, y);
    tf.dispose([x, y]);
  };
  await step();
  const times = [];
  const start = performance.now();
  while (performance.now() - start < 1000 * seconds || times.length < 3) {
    const before = performance.now();
    await step();
    times.push(performance.now() - before);
  }
  times.sort((a, b) => a - b);
  return (1000 * batch) / times[Math.floor(times.length / 2)];
};

async function main() {
  process.stdout.write('{"loaded":true}\n');
  for await (const line of createInterface({ input: process.stdin })) {
    const rate = await rateOf(JSON.parse(line));
    const peakMegabytes = process.resourceUsage().maxRSS / 1024;
    process.stdout.write(`${JSON.stringify({ rate, peakMegabytes })}\n`);
  }
}

main();
