/**
 * One configuration from images to few-shot accuracy: whole-run.yaml by gcnc, and the same by whole-run.py.
 *
 *     GCNC_DATA_DIR=<folder of cifar-100> PYTHON=<python with torch, torchvision, scikit-learn> \
 *       node --import tsx bench/whole-run/compare.ts [--rounds N] [--epochs N] [--out FILE]
 *
 * The sides take turns; each round's ratio is of that round, and the median of the ratios is kept.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { median } from '../median.ts';

const { values: flags } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    epochs: { type: 'string', default: '2' },
    out: { type: 'string' },
  },
});

const root = resolve(import.meta.dirname, '../..');
const here = (name: string): string => join(import.meta.dirname, name);

/** What a side found, so that both are seen to have done the same work. */
const foundSchema = z.object({
  testAccuracy: z.number(),
  geometricComplexity: z.number(),
  fiveShot: z.number(),
});
type Found = z.infer<typeof foundSchema>;

/** Seconds of a command, and its output; the time to start the process counts. */
const timed = (command: string, args: readonly string[], environment: NodeJS.ProcessEnv = {}) => {
  const start = performance.now();
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, ...environment },
    maxBuffer: 2 ** 28,
  });
  if (status !== 0)
    throw new Error(`${command} ${args.join(' ')} ended with ${status}:\n${stderr.slice(-2000)}`);
  return { seconds: (performance.now() - start) / 1000, stdout };
};

const byGcnc = (): { readonly seconds: number; readonly found: Found } => {
  const folder = mkdtempSync(join(tmpdir(), 'gcnc-whole-run-'));
  try {
    const given = [here('whole-run.yaml'), `training.epochs=${flags.epochs}`, '--out', join(folder, 'runs')];
    const { seconds } = timed(join(root, 'gcnc'), ['sweep', ...given]);
    const { stdout } = timed('find', [folder, '-name', 'metrics.jsonl']);
    const lines = readFileSync(stdout.trim(), 'utf8').trim().split('\n');
    return { seconds, found: foundIn(JSON.parse(lines.at(-1)!)) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

/** The last checkpoint's record of metrics.jsonl. */
const recordSchema = z.object({
  measures: z.array(
    z.object({
      split: z.string(),
      accuracy: z.number().nullable(),
      geometricComplexity: z.object({ value: z.number() }),
    }),
  ),
  fewshot: z.object({
    results: z.array(z.object({ shots: z.number(), readout: z.string(), accuracy: z.number() })),
  }),
});

const foundIn = (line: unknown): Found => {
  const { measures, fewshot } = recordSchema.parse(line);
  const of = (name: string) => measures.find(({ split }) => split === name)!;
  const five = fewshot.results.find(({ shots, readout }) => shots === 5 && readout === 'logistic');
  return {
    testAccuracy: of('sourceTest').accuracy!,
    geometricComplexity: of('sourceTrain').geometricComplexity.value,
    fiveShot: five!.accuracy,
  };
};

const byPyTorch = (): { readonly seconds: number; readonly found: Found } => {
  const python = process.env.PYTHON ?? 'python3';
  const { seconds, stdout } = timed(python, [here('whole-run.py'), flags.epochs]);
  return { seconds, found: foundSchema.parse(JSON.parse(stdout)) };
};

const rounds = Array.from({ length: Number(flags.rounds) }, () => {
  const [gcnc, pytorch] = [byGcnc(), byPyTorch()];
  const round = { gcnc, pytorch, ratio: pytorch.seconds / gcnc.seconds };
  process.stderr.write(`${JSON.stringify(round)}\n`);
  return round;
});
const record = {
  date: new Date().toISOString().slice(0, 10),
  cpu: cpus()[0]?.model ?? null,
  cores: cpus().length,
  epochs: Number(flags.epochs),
  rounds,
  ratio: median(rounds.map(({ ratio }) => ratio)),
};
if (flags.out !== undefined) writeFileSync(flags.out, `${JSON.stringify(record, null, 2)}\n`);
process.stdout.write(`PyTorch's time over gcnc's: ${record.ratio.toFixed(2)}\n`);
