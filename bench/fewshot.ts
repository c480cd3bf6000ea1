/**
 * 2,000 5-way 5-shot episodes on cached 512-dimensional embeddings: the readouts here, then scikit-learn's and easyfsl's loops on
 * the same embeddings, one after another.
 *
 *     node --import tsx bench/fewshot.ts [--json] [--episodes N]
 *
 * GCNC_BENCH_PYTHON names the Python that has scikit-learn (and easyfsl); python3 where it is not set.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { formatEpisodes } from '../src/fewshot/episode-file.ts';
import { drawEpisodes } from '../src/fewshot/episodes.ts';
import { evaluateFewshot } from '../src/fewshot/evaluate.ts';
import { writeNpz } from '../src/formats/npz.ts';
import type { Embeddings } from '../src/measures/embeddings.ts';
import { hashName, randomStream } from '../src/random/random.ts';
import type { ReadoutName } from '../src/readouts/readouts.ts';

interface Timed {
  readonly seconds: number;
  /** Of all threads: what a busy machine does not change. */
  readonly cpuSeconds: number;
  readonly firstSeconds?: number;
  readonly episodes: number;
  readonly accuracy: number;
}

type Loops = Readonly<Record<string, Timed>>;

interface PythonResult {
  readonly versions: Readonly<Record<string, string>>;
  readonly scikitLearn: Loops;
  readonly easyfsl: Loops | null;
}

const classes = 20;
const perClass = 600;
const dimension = 512;
const setting = { ways: 5, shots: 5, queries: 15, seed: 0 };

const { values: flags } = parseArgs({
  options: { json: { type: 'boolean', default: false }, episodes: { type: 'string', default: '2000' } },
});
const episodes = Number(flags.episodes);

/** As CIFAR-FS's target classes through a ResNet-18: sums of uniform numbers, ReLU's zeros, float32. */
function sampleEmbeddings(): Embeddings {
  const random = randomStream(hashName('bench/fewshot'));
  const means = Float64Array.from({ length: classes * dimension }, () => random.between(-0.3, 0.3));
  const labels = Int32Array.from({ length: classes * perClass }, (_, example) => example % classes);
  const values = Float32Array.from({ length: labels.length * dimension }, (_, at) => {
    const mean = means[labels[Math.floor(at / dimension)]! * dimension + (at % dimension)]!;
    return Math.max(0, 0.25 + mean + random.between(-1, 1) + random.between(-1, 1));
  });
  return { values, dimension, labels, classNames: Array.from({ length: classes }, (_, c) => `class-${c}`) };
}

/** The second of two runs, as a loop over checkpoints has it: the first waits for the compiler. */
function timed(embeddings: Embeddings, readout: ReadoutName): Timed {
  const first = timedOnce(embeddings, readout);
  return { ...timedOnce(embeddings, readout), firstSeconds: first.seconds };
}

function timedOnce(embeddings: Embeddings, readout: ReadoutName): Timed {
  const start = performance.now();
  const cpu = process.cpuUsage();
  const { record } = evaluateFewshot(embeddings, {
    ...setting,
    shots: [setting.shots],
    episodes,
    readouts: [readout],
  });
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return { seconds, cpuSeconds: (user + system) / 1e6, episodes, accuracy: record.results[0]!.accuracy };
}

function pythonLoops(embeddings: Embeddings): PythonResult {
  const folder = mkdtempSync(join(tmpdir(), 'gcnc-bench-'));
  try {
    const { values, labels } = embeddings;
    writeNpz(join(folder, 'embeddings.npz'), {
      embeddings: { shape: [labels.length, dimension], values },
      labels: { shape: [labels.length], values: labels },
    });
    const list = drawEpisodes({ ...setting, episodes }, new Array<number>(classes).fill(perClass));
    writeFileSync(join(folder, 'episodes.json'), formatEpisodes(list));
    const python = process.env.GCNC_BENCH_PYTHON || 'python3';
    const { stdout, status, error } = spawnSync(python, [join(import.meta.dirname, 'fewshot.py'), folder], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
      // Fits of 25 examples are faster on one thread than on two that wait for each other.
      env: { OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1', ...process.env },
    });
    if (status !== 0)
      throw new Error(
        `${python} bench/fewshot.py ended with ${status ?? error?.message}; see GCNC_BENCH_PYTHON`,
      );
    return JSON.parse(stdout) as PythonResult;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** How many times as fast ours is, an episode. */
const ratios = (
  ours: Loops,
  theirs: Loops | null,
  time: 'seconds' | 'cpuSeconds',
): Readonly<Record<string, number>> =>
  Object.fromEntries(
    Object.entries(theirs ?? {}).map(([name, timedLoop]) => {
      const own = ours[name] ?? ours.logistic!;
      return [name, Number(((timedLoop[time] * own.episodes) / timedLoop.episodes / own[time]).toFixed(1))];
    }),
  );

const load = loadavg()[0]!;
const embeddings = sampleEmbeddings();
const gcnc: Loops = Object.fromEntries(
  (['nearest-mean', 'logistic', 'cosine', 'ridge'] as const).map((name) => [name, timed(embeddings, name)]),
);
const { versions, scikitLearn, easyfsl } = pythonLoops(embeddings);
const result = {
  what: `${episodes} 5-way 5-shot episodes, 15 queries a class, ${dimension}-dimensional float32 embeddings`,
  machine: {
    cpu: cpus()[0]?.model ?? null,
    cores: availableParallelism(),
    node: process.version,
    loadBefore: Number(load.toFixed(2)),
  },
  versions,
  gcnc,
  scikitLearn,
  easyfsl,
  timesFaster: {
    scikitLearn: ratios(gcnc, scikitLearn, 'seconds'),
    easyfsl: ratios(gcnc, easyfsl, 'seconds'),
  },
  timesLessCpu: {
    scikitLearn: ratios(gcnc, scikitLearn, 'cpuSeconds'),
    easyfsl: ratios(gcnc, easyfsl, 'cpuSeconds'),
  },
};
if (flags.json) process.stdout.write(`${JSON.stringify(result)}\n`);
else process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
