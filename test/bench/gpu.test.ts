import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, it } from 'node:test';
import { allowances, compared, relativeDifference } from '../../bench/gpu/compare.ts';
import type { CountedStep } from '../../bench/gpu/count-steps.ts';
import type { IssuedOp } from '../../bench/gpu/counter.ts';
import { differingTypes } from '../../bench/gpu/differing-types.ts';
import { kernelsIn, takes } from '../../bench/gpu/kernel-list.ts';
import { replayOp, traceOps, writeTrace } from '../../bench/gpu/op-trace.ts';
import { type RegistryRow, rowsOf } from '../../bench/gpu/registry.ts';
import { reportText } from '../../bench/gpu/report.ts';
import { resultCount } from '../../bench/gpu/reserves.ts';
import { agreement } from '../../bench/gpu/runs.ts';
import {
  tensorFlowBatchNorm,
  tensorFlowBatchNormGradient,
} from '../../src/backend/kernels/batch-norm-tensorflow.ts';
import { cast, dispose, fromArray, run } from '../../src/backend/tensor.ts';

const folder = resolve(import.meta.dirname, '../../bench/gpu');
const read = (name: string) => JSON.parse(readFileSync(join(folder, name), 'utf8'));

describe('a step on the path that a GPU takes', () => {
  const committed: CountedStep[] = read('steps.json');
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', 'tsx', join(folder, 'count-steps.ts')],
    { encoding: 'utf8', env: { ...process.env, GCNC_KERNELS: 'tensorflow' } },
  );

  it('is counted as the committed table has it', () => {
    assert.deepEqual(JSON.parse(stdout || `"${stderr}"`), committed);
  });

  for (const { model, precision, ...counted } of committed)
    it(`uploads images, labels and the rate, reads once, and issues few ops beyond need: ${model} ${precision}`, () => {
      assert.deepEqual([counted.uploads, counted.downloads], [3, 1]);
      // 64 images of 32x32x3 and 64 labels, four bytes each; the rate.
      assert.equal(counted.uploadedBytes, 4 * (64 * 32 * 32 * 3 + 64 + 1));
      assert.ok(counted.ops <= 1.2 * counted.neededOps, `${counted.ops} ops, ${counted.neededOps} needed`);
    });
});

describe("the registry of TensorFlow's CUDA build", () => {
  const issued: IssuedOp[] = read('issued-ops.json');
  const record: { rows: RegistryRow[]; withoutGpuKernel: RegistryRow[] } = read('registry.json');

  it("has a GPU's kernel for every op and type that was issued", () => {
    assert.deepEqual(record.withoutGpuKernel, []);
    assert.deepEqual(
      record.rows.map(({ op }) => op),
      issued.map(({ op }) => op),
    );
    assert.ok(record.rows.every(({ gpu }) => gpu));
  });

  // KernelList { kernel { op: "Relu" device_type: "GPU" constraint { name: "T" allowed_values { list { type: [1, 14] } } } } }
  const list = Uint8Array.from([
    ...[10, 26, 10, 4, ...Buffer.from('Relu'), 18, 3, ...Buffer.from('GPU')],
    ...[26, 13, 10, 1, ...Buffer.from('T'), 18, 8, 10, 6, 50, 2, 1, 14, 26, 0],
  ]);

  it('is read from the protocol buffer that TensorFlow gives', () => {
    assert.deepEqual(kernelsIn(list), [{ device: 'GPU', types: { T: [1, 14] } }]);
    assert.throws(() => kernelsIn(list.subarray(0, 20)), /cut short/);
  });

  it('is asked for device and types', () => {
    const kernels = kernelsIn(list);
    assert.ok(takes(kernels, 'GPU', { T: 14 }));
    assert.ok(!takes(kernels, 'GPU', { T: 2 }));
    assert.ok(!takes(kernels, 'CPU', { T: 1 }));
    const rows = rowsOf([{ op: 'Relu', types: { T: 3 } }], new Map([['Relu', list]]));
    assert.deepEqual(rows, [{ op: 'Relu', types: { T: 'int32' }, gpu: false, cpu: false }]);
  });
});

describe('the comparison of devices', () => {
  /** As a card's products in TF32 are: ten bits of the fraction are kept. */
  const rounded = (value: number): number => {
    const bits = new Uint32Array(Float32Array.of(value).buffer);
    bits[0] = ((bits[0]! + 0x1000) & 0xffffe000) >>> 0;
    return new Float32Array(bits.buffer)[0]!;
  };
  const values = Float32Array.from({ length: 1000 }, (_, i) => Math.sin(i));

  it('finds TF32 where float32 was asked for, and lets sums in another order pass', () => {
    const { op } = allowances.float32;
    assert.equal(compared('tf32', values, values.map(rounded), op).isWell, false);
    const reordered = values.map((value, i) => value * (1 + (i % 3) * 2 ** -23));
    assert.equal(compared('order', values, reordered, op).isWell, true);
  });

  it('takes what is not finite for what it is', () => {
    assert.equal(relativeDifference([Number.NaN, 1], [Number.NaN, 1]), 0);
    assert.equal(relativeDifference([1, 1], [Number.NaN, 1]), Number.POSITIVE_INFINITY);
    assert.equal(relativeDifference([Number.POSITIVE_INFINITY], [1]), Number.POSITIVE_INFINITY);
    assert.equal(relativeDifference([1, 2], [1]), Number.POSITIVE_INFINITY);
    assert.equal(relativeDifference([3, 4], [3, 4.5]), 0.1);
  });

  it('makes an op again from what it was given, in every type', () => {
    const calls = traceOps(() => {
      const a = fromArray(Float32Array.of(1, 2, 3, 4), [2, 2]);
      const narrow = cast(a, 'bfloat16');
      const product = run('MatMul', [narrow, narrow], {
        T: { type: 'bfloat16' },
        transpose_a: { bool: false },
        transpose_b: { bool: true },
      });
      dispose(a, narrow, product);
    });
    assert.deepEqual(
      calls.map(({ op }) => op),
      ['Cast', 'MatMul'],
    );
    assert.deepEqual(calls[1]!.outputs[0]!.values, [5, 11, 11, 25]);
    assert.deepEqual(
      calls.map(replayOp),
      calls.map(({ outputs }) => outputs.map(({ values: each }) => each)),
    );
  });

  it("makes batch norm's gradient again from what the device itself keeps for it, and compares results alone", (t) => {
    const backward = traceOps(() => {
      const tensor = (shape: readonly number[], wave: number) =>
        fromArray(
          Float32Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => Math.sin(wave * i) + 1.5),
          shape,
        );
      const [x, gradient, channel] = [tensor([2, 3, 3, 2], 1), tensor([2, 3, 3, 2], 2), tensor([2], 3)];
      const weights = { scale: channel, offset: channel, mean: channel, variance: channel };
      const options = { training: true, shortcut: null, relu: false };
      const { y, saved, statistics } = tensorFlowBatchNorm(x, weights, options);
      const made = tensorFlowBatchNormGradient(gradient, { x, y, saved }, weights, {
        ...options,
        shortcut: false,
      });
      dispose(made.x, made.scale, made.offset, x, channel, y, ...saved, ...Object.values(statistics ?? {}));
    }).find(({ op }) => op === 'FusedBatchNormGradV3')!;
    const ofAnotherDevice = {
      ...backward,
      inputs: backward.inputs.map((input, i) =>
        i < 3 ? input : { ...input, values: input.values.map((value) => 1 / (value + 9)) },
      ),
    };
    const replayed = replayOp(ofAnotherDevice);
    assert.equal(resultCount(backward), 3);
    assert.deepEqual(
      replayed.slice(0, 3),
      backward.outputs.slice(0, 3).map(({ values: each }) => each),
    );
    assert.ok(backward.outputs[0]!.values.some((value) => Math.abs(value) > 0.01));
    const work = mkdtempSync(join(tmpdir(), 'gcnc-gpu-test-'));
    t.after(() => rmSync(work, { recursive: true }));
    const trace = join(work, 'trace.json');
    writeTrace(trace, [ofAnotherDevice]);
    const [finding] = differingTypes(trace, [[...replayed.slice(0, 3), [1, 2, 3], []]]);
    assert.deepEqual([finding!.name, finding!.isWell], ['FusedBatchNormGradV3 float32', true]);
    const [wrong] = differingTypes(trace, [
      [replayed[0]!.map((value) => 1.01 * value), ...replayed.slice(1)],
    ]);
    assert.equal(wrong!.isWell, false);
  });

  it('counts results of two sweeps that are the same, and none is not well', () => {
    const first = new Map([
      ['a', '1'],
      ['b', '2'],
    ]);
    assert.equal(agreement(first, new Map(first)).isWell, true);
    assert.equal(agreement(first, new Map([...first, ['b', '3']])).found.slice(0, 6), '1 of 2');
    assert.equal(agreement(first, new Map([...first, ['b', '3']])).isWell, false);
    assert.equal(agreement(new Map(), new Map()).isWell, false);
  });
});

describe('the report', () => {
  const finding = { name: 'Relu float32', found: '1e-3 apart', isWell: false };
  const report = {
    ...{ date: '2026-11-25', device: 'a card', seconds: 9 },
    sections: [{ title: 'Ops', findings: [{ ...finding, name: 'Mul float32', isWell: true }, finding] }],
    speed: {
      rows: [{ task: 'train', precision: 'tf32', gcnc: 300, pytorch: 200, pytorchForm: 'compiled' }],
      note: null,
    },
  };

  it('puts what is not well first', () => {
    const text = reportText(report);
    assert.match(text, /1 of 2 checks are well/);
    assert.ok(text.indexOf('## Not well') < text.indexOf('## Ops'));
    assert.match(text, /\| train \| tf32 \| 300 \| 200 \| compiled \| 1\.50 \|/);
  });
});

describe('npm run gpu-check', () => {
  it('says in one line where there is no GPU', () => {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ['--import', 'tsx', join(folder, 'check.ts')],
      { encoding: 'utf8', cwd: resolve(folder, '../..'), env: { ...process.env, PATH: '/nowhere' } },
    );
    assert.equal(stderr, 'gpu-check: no NVIDIA GPU here (nvidia-smi lists none); nothing was checked\n');
    assert.deepEqual([stdout, status], ['', 1]);
  });
});
