import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { hashOfConfig } from '../../src/config/run-identity.ts';
import { runConfigSchema } from '../../src/config/schema.ts';
import type { MeasureKey } from '../../src/measures/measure-rows.ts';
import type { SplitMeasures } from '../../src/measures/record.ts';
import type { CheckpointRecord, EpochLine } from '../../src/pipeline/records.ts';
import { runPaths } from '../../src/runs/paths.ts';
import type { RunState } from '../../src/runs/status.ts';

/** What these made-up runs leave out. */
const unmeasured = {} as Record<MeasureKey, null>;

/** A sweep's folder as a real sweep leaves it, with made-up but plausible numbers that follow the reported trend. */
export interface MadeSweep {
  readonly learningRates: readonly number[];
  readonly seeds: readonly number[];
  readonly epochs?: number;
  /** State and reason by the run's position; done where absent. */
  readonly states?: Readonly<Record<number, { readonly state: RunState; readonly reason?: string }>>;
  /** Changes a run's metrics lines before they are written. */
  readonly change?: (records: readonly (EpochLine | CheckpointRecord)[], run: number) => readonly unknown[];
  readonly shots?: readonly number[];
  /** What a run's config has beside the sweep's own keys. */
  readonly config?: (run: number) => Readonly<Record<string, unknown>>;
  /** Changes a run's config.yaml before it is written, after its hash was taken. */
  readonly changeConfig?: (config: Readonly<Record<string, unknown>>, run: number) => unknown;
}

const stepsPerEpoch = 100;

/** Six runs, one of them failed, one interrupted, one pending, and one without CDNV. */
export const troubled: MadeSweep = {
  learningRates: [0.01, 0.05, 0.1],
  seeds: [0, 1],
  states: {
    0: { state: 'failed', reason: 'loss is NaN at step 240' },
    1: { state: 'interrupted', reason: 'stopped on request' },
    2: { state: 'pending' },
  },
  change: (records, run) =>
    run === 3 ? JSON.parse(JSON.stringify(records).replace(/"cdnv":[\d.]+/g, '"cdnv":null')) : records,
};

/** Writes the sweep and returns its folder. */
export function makeSweep(parent: string, name: string, made: MadeSweep): string {
  const folder = join(parent, name);
  const points = made.learningRates.flatMap((learningRate) =>
    made.seeds.map((seed) => ({ learningRate, seed })),
  );
  const runs = points.map(({ learningRate, seed }, index) => {
    const config = runConfigSchema.parse({
      seed,
      training: { learningRate, epochs: made.epochs ?? 6 },
      model: { width: 16 },
      fewshot: { shots: made.shots ?? [5] },
      ...made.config?.(index),
    });
    const hash = hashOfConfig(config);
    const runName = `learningRate=${learningRate}-seed=${seed}-${hash}`;
    const { state, reason = null } = made.states?.[index] ?? { state: 'done' as const };
    if (state !== 'pending') {
      const paths = runPaths(join(folder, runName));
      mkdirSync(paths.folder, { recursive: true });
      writeFileSync(paths.config, stringify(made.changeConfig?.(config, index) ?? config));
      writeFileSync(paths.environment, `${JSON.stringify(environment, null, 2)}\n`);
      const records = recordsOf(learningRate, seed, made.epochs ?? 6, made.shots ?? [5], state);
      const lines = (made.change?.(records, index) ?? records).map((record) => `${JSON.stringify(record)}\n`);
      const text = lines.join('');
      writeFileSync(paths.metrics, text);
      const digest = {
        bytes: Buffer.byteLength(text),
        sha256: createHash('sha256').update(text).digest('hex'),
      };
      const metrics = state === 'done' ? digest : null;
      const time = '2026-11-24T08:00:00.000Z';
      const status = { state, attempt: 1, pid: 4_000_000, host: 'node-1', start: time, heartbeat: time };
      writeFileSync(paths.status, `${JSON.stringify({ ...status, reason, metrics }, null, 2)}\n`);
    }
    return { folder: runName, parameters: { 'training.learningRate': learningRate, seed } };
  });
  mkdirSync(folder, { recursive: true });
  const given = { name, file: `configs/${name}.yaml`, text: 'sweep: {}\n', overrides: [] };
  writeFileSync(join(folder, 'sweep.yaml'), stringify({ ...given, runs }));
  return folder;
}

const environment = {
  attempt: 1,
  time: '2026-11-24T08:00:00.000Z',
  git: { commit: '0123456789abcdef0123456789abcdef01234567', dirty: false, patch: null },
  lockfileSha256: 'a'.repeat(64),
  node: 'v20.20.2',
  platform: 'linux x64',
  tensorflow: '2.21.0',
  device: 'CPU:0',
  host: 'node-1',
  cpu: { model: 'Example CPU @ 2.0 GHz', cores: 2, flags: ['avx2', 'avx512f', 'amx_bf16'] },
  memoryBytes: 25_000_000_000,
  gpus: null,
  argv: ['gcnc', 'sweep', 'configs/lr.yaml'],
  dataChecksum: 'b'.repeat(64),
};

/** A smooth deterministic jitter in [-1, 1]. */
const jitter = (...parts: readonly number[]): number =>
  Math.sin(parts.reduce((sum, part, i) => sum + part * (12.9898 + 65.233 * i), 1) * 43.758);

const nearestMean = (gc: number, cdnv: number, t: number): NonNullable<SplitMeasures['nearestMean']> => ({
  error: 0.2 * cdnv * (1.25 - t),
  errorOverClasses: 0.25 * cdnv * (1.25 - t),
  examples: 6400,
  cdnvBound: 4 * 63 * cdnv * (1.25 - t),
  geometricCollapseBoundPerRho: 4 * 63 * (0.05 + 0.02 * gc),
  poincareFloor: 0.9,
});

function recordsOf(rate: number, seed: number, epochs: number, shots: readonly number[], state: RunState) {
  const until = state === 'done' ? epochs : Math.ceil(epochs / 2);
  const records: (EpochLine | CheckpointRecord)[] = [];
  for (let epoch = 1; epoch <= until; epoch++) {
    const t = epoch / epochs;
    const noise = (salt: number, size: number): number => 1 + size * jitter(rate * 7, seed, epoch, salt);
    const gc = (8 + 36 * t) * (0.01 / rate) ** (0.35 * (0.3 + t)) * noise(1, 0.06);
    const cdnv = (1.3 + 0.16 * Math.sqrt(gc)) * (1.15 - 0.15 * t) * noise(2, 0.02);
    const trainAccuracy = Math.min(0.995, (0.45 + 0.45 * t) * noise(3, 0.015));
    const step = epoch * stepsPerEpoch;
    records.push({
      kind: 'epoch',
      epoch,
      step,
      trainLoss: 3.2 * Math.exp(-2 * t) * noise(4, 0.02),
      trainAccuracy,
      learningRate: rate,
      gradientSquaredNorm: 4 * Math.exp(-2 * t),
    });
    const split = (which: SplitMeasures['split'], scale: number, accuracy: number | null): SplitMeasures => ({
      split: which,
      loss: accuracy === null ? null : 3.3 * Math.exp(-2 * t) * (accuracy === trainAccuracy ? 1 : 1.6),
      accuracy,
      geometricComplexity: {
        value: gc * (scale > 1 ? 0.92 : 1),
        standardError: gc * 0.02,
        ci95: [gc * 0.96, gc * 1.04],
        estimator: 'hutchinson',
        examples: 512,
        probes: 1,
        ofExamples: 512,
        inputSpace: 'normalized',
        layer: 'avgpool',
        dimension: 128,
        precision: 'float32',
        seed: 0,
      },
      neuralCollapse: {
        ...unmeasured,
        examples: 12800,
        classes: accuracy === null ? 20 : 64,
        balanced: true,
        cdnv: cdnv * scale * (accuracy === null ? 1 : 1.25 - t),
        geometricCollapse: (0.05 + 0.02 * gc) * scale,
        nc1: cdnv * scale * 3.1 * (accuracy === null ? 1 : 1.2 - t) * noise(5, 0.05),
        nc2Equinorm: 0.2,
        nc2EquiangularStd: 0.15,
        nc2MaxAngle: 0.12,
        nc3SelfDuality: accuracy === null ? null : 0.6,
        nc4Disagreement: accuracy === null ? null : 0.1,
      },
      ...(which === 'sourceTest' ? { nearestMean: nearestMean(gc, cdnv, t) } : {}),
    });
    const accuracyOf = (shot: number, salt: number): number =>
      (0.68 - 0.05 * cdnv - (shot === 1 ? 0.16 : 0)) * noise(salt, 0.008);
    records.push({
      kind: 'checkpoint',
      epoch,
      step,
      final: epoch === epochs,
      measures: [
        split('sourceTrain', 1, trainAccuracy),
        split('sourceTest', 1.1, trainAccuracy * 0.62),
        split('target', 1.6, null),
      ],
      fewshot: {
        split: 'target',
        ways: 5,
        queries: 15,
        episodes: 1000,
        chance: 0.2,
        seed: 0,
        results: shots.flatMap((shot) =>
          (['logistic', 'nearest-mean'] as const).map((readout, salt) => {
            const accuracy = accuracyOf(shot, 6 + salt);
            return { shots: shot, readout, accuracy, ci95: [accuracy - 0.006, accuracy + 0.006] as const };
          }),
        ),
      },
    });
  }
  return records;
}
