/**
 * A training step, inference and geometric-complexity probes of gcnc against PyTorch, on the same shapes in the same run.
 *
 *     npm run bench -- [--json] [--quick] [--seconds S] [--out FILE]     (PYTHON names a Python with torch and torchvision)
 *
 * One process a side, asked in turns while the other waits; each figure is the median of the calls of `seconds`, each pair is
 * asked `rounds` times and the median of the ratios is kept, so that a busy moment does not decide. PyTorch is asked in NCHW and
 * channels_last and, with --compile, through torch.compile; its best counts.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import type { SpeedRequest } from './speed-worker.ts';

const { values: flags } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    compile: { type: 'boolean', default: false },
    seconds: { type: 'string', default: '3' },
    out: { type: 'string' },
  },
});
const seconds = Number(flags.seconds);
const rounds = flags.quick ? 1 : 3;

interface Answer {
  readonly rate: number | null;
  readonly peakMegabytes?: number;
  readonly error?: string;
}
type Ask = (request: object) => Promise<Answer>;

/** A side's process; one answer a request. */
const side = (command: string, args: readonly string[]): { readonly ask: Ask; readonly end: () => void } => {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'ignore'] });
  const lines = createInterface({ input: child.stdout });
  return {
    ask: async (request) => {
      child.stdin.write(`${JSON.stringify(request)}\n`);
      const [line] = await once(lines, 'line');
      return JSON.parse(line);
    },
    end: () => child.kill(),
  };
};

const gcnc = () => side(process.execPath, ['--import', 'tsx', join(import.meta.dirname, 'speed-worker.ts')]);
const torch = () => side(process.env.PYTHON ?? 'python3', [join(import.meta.dirname, 'speed-worker.py')]);

const requests: SpeedRequest[] = [];
for (const precision of ['float32', 'bfloat16'] as const) {
  for (const width of flags.quick ? [16, 64] : [16, 32, 64])
    for (const batch of flags.quick ? [64] : [64, 256])
      requests.push({ task: 'train', model: 'resnet18', width, batch, precision, seconds });
  requests.push({ task: 'train', model: 'vgg13', width: 64, batch: 64, precision, seconds });
  requests.push({ task: 'inference', model: 'resnet18', width: 64, batch: 64, precision, seconds });
  requests.push({ task: 'probe', model: 'resnet18', width: 64, batch: 64, precision, seconds });
  requests.push({ task: 'exact', model: 'resnet18', width: 64, batch: 1, precision, seconds });
}

const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
};
/** Null where a side could not do it. */
const rounded = (value: number): number | null =>
  Number.isFinite(value) && value !== 0 ? Number(value.toPrecision(4)) : null;

/** Fresh processes a line, so that peak memory is the line's own. */
const compare = async (request: SpeedRequest) => {
  const [ours, theirs] = [gcnc(), torch()];
  const formats = flags.compile
    ? ['contiguous', 'channels_last', 'compiled']
    : ['contiguous', 'channels_last'];
  const rates = { gcnc: [] as number[], best: [] as number[], ratios: [] as number[] };
  let memory = 0;
  let torchMemory = 0;
  for (let round = 0; round < rounds; round++) {
    const own = await ours.ask(request);
    memory = own.peakMegabytes ?? 0;
    let best = Number.NEGATIVE_INFINITY;
    for (const format of formats) {
      const compile = format === 'compiled';
      const answer = await theirs.ask({ ...request, format: compile ? 'channels_last' : format, compile });
      best = Math.max(best, answer.rate ?? Number.NEGATIVE_INFINITY);
      torchMemory = answer.peakMegabytes ?? torchMemory;
    }
    rates.gcnc.push(own.rate!);
    rates.best.push(best);
    rates.ratios.push(own.rate! / best);
  }
  ours.end();
  theirs.end();
  const { task, model, width, batch, precision } = request;
  return {
    ...{ task, model, width, batch, precision },
    gcnc: rounded(median(rates.gcnc)),
    pytorch: rounded(median(rates.best)),
    ratio: rounded(median(rates.ratios)),
    peakMegabytes: rounded(memory),
    pytorchPeakMegabytes: rounded(torchMemory),
  };
};

const results = [];
for (const request of requests) {
  const result = await compare(request);
  results.push(result);
  const { task, model, width, batch, precision, ratio } = result;
  process.stderr.write(
    `${`${task} ${model} width ${width} batch ${batch} ${precision}`.padEnd(52)} ${String(result.gcnc).padStart(7)} against ${String(result.pytorch).padStart(7)} a second: ${ratio}\n`,
  );
}
const record = {
  date: new Date().toISOString().slice(0, 10),
  cpu: cpus()[0]?.model ?? null,
  cores: cpus().length,
  load: loadavg()[0],
  rounds,
  seconds,
  unit: 'images a second; rows of the Jacobian a second for exact',
  results,
};
if (flags.out !== undefined) writeFileSync(flags.out, `${JSON.stringify(record, null, 2)}\n`);
if (flags.json) process.stdout.write(`${JSON.stringify(record)}\n`);
