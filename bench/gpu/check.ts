/**
 * Proves in ten minutes that a GPU computes what the CPU does: `npm run gpu-check`. Writes bench/gpu-check.json and bench/gpu-check.md.
 *
 *     npm run gpu-check -- [--out FOLDER] [--stand-in] [--quick]
 *
 * Where there is no GPU it says so in one line. --stand-in has the CPU stand for the GPU, with gcnc's own kernels where they run, to test the check itself.
 * PYTHON names a Python with torch and torchvision for the comparison of speed; without it that part is left out, and the report says so.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { nvidiaGpus } from '../../src/backend/nvidia-gpus.ts';
import { allowances, compared } from './compare.ts';
import { differingTypes } from './differing-types.ts';
import { type CheckReport, type Finding, reportText } from './report.ts';
import { interruptedRun, twoRunsAtOnce } from './runs.ts';
import type { NetworkResult } from './side.ts';
import { speeds } from './speeds.ts';

const { values: flags } = parseArgs({
  options: {
    out: { type: 'string', default: resolve(import.meta.dirname, '..') },
    'stand-in': { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
  },
});
const root = resolve(import.meta.dirname, '../..');
const standIn = flags['stand-in'];

/** The device under test, and the one that it is to follow. */
const environments = {
  cpu: { ...process.env, GCNC_DEVICE: 'cpu', GCNC_KERNELS: 'tensorflow' },
  gpu: { ...process.env, GCNC_DEVICE: standIn ? 'cpu' : 'gpu', GCNC_KERNELS: '' },
} as const;

const onDevice = <Result>(device: keyof typeof environments, ...args: readonly string[]): Result => {
  const script = join(import.meta.dirname, 'side.ts');
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--import', 'tsx', script, ...args], {
    cwd: root,
    env: environments[device],
    encoding: 'utf8',
    maxBuffer: 2 ** 30,
  });
  if (status !== 0) throw new Error(`${args[0]} on the ${device}: ${stderr.trim().split('\n').at(-1)}`);
  return JSON.parse(stdout);
};

const work = mkdtempSync(join(tmpdir(), 'gcnc-gpu-check-'));

const opFindings = (): Finding[] => {
  const trace = join(work, 'trace.json');
  onDevice('cpu', 'trace', trace);
  return differingTypes(trace, onDevice<number[][][]>('gpu', 'replay', trace));
};

const networkFindings = (): Finding[] => {
  const [cpu, gpu] = (['cpu', 'gpu'] as const).map((device) =>
    onDevice<NetworkResult[]>(device, 'networks', flags.quick ? '4' : '16'),
  );
  return cpu!.map(({ name, kind, precision, values }, i) => {
    const named = `${name} ${precision}: ${kind}`;
    const { difference, allowed, isWell } = compared(
      named,
      values,
      gpu![i]!.values,
      allowances[precision][kind],
    );
    return { name: named, found: `${difference.toExponential(1)} apart, allowed ${allowed}`, isWell };
  });
};

const memoryFindings = (): Finding[] => {
  const count = flags.quick ? 50 : 500;
  const [early, late] = onDevice<{ tensors: number; bytes: number }[]>('gpu', 'steps', String(count));
  const grown = (late!.bytes - early!.bytes) / 2 ** 20;
  const refusal = onDevice<string>('gpu', 'refusal');
  return [
    {
      name: `memory over ${count} steps`,
      found: `${early!.tensors} tensors, then ${late!.tensors}; ${grown.toFixed(0)} MiB of the process more`,
      isWell: early!.tensors === late!.tensors && grown < 100,
    },
    {
      name: 'more memory than there is',
      found: refusal.slice(0, 160),
      isWell: /^out of memory: [^\n]+$/.test(refusal),
    },
  ];
};

const attempt = async (name: string, find: () => Finding[] | Promise<Finding[]>): Promise<Finding[]> => {
  process.stderr.write(`gpu-check: ${name}\n`);
  try {
    return await find();
  } catch (error) {
    return [{ name, found: (error as Error).message.split('\n')[0]!, isWell: false }];
  }
};

const check = async (device: string): Promise<CheckReport> => {
  const started = performance.now();
  const sections = [
    { title: 'Every op against the CPU', findings: await attempt('ops', opFindings) },
    { title: 'Networks against the CPU', findings: await attempt('networks', networkFindings) },
    {
      title: 'Runs',
      findings: [
        ...(await attempt('kill and resume', () => interruptedRun(work, environments.gpu))),
        ...(await attempt('two runs at once', () => twoRunsAtOnce(work, environments.gpu))),
      ],
    },
    { title: 'Memory', findings: await attempt('memory', memoryFindings) },
  ];
  const speed = await speeds({ environment: environments.gpu, quick: flags.quick, standIn });
  const seconds = Math.round((performance.now() - started) / 1000);
  return { date: new Date().toISOString().slice(0, 10), device, seconds, sections, speed };
};

try {
  const device = standIn ? 'the CPU, standing in for a GPU' : (nvidiaGpus()?.[0] ?? null);
  if (device === null) {
    process.stderr.write('gpu-check: no NVIDIA GPU here (nvidia-smi lists none); nothing was checked\n');
    process.exitCode = 1;
  } else {
    if (!standIn) spawnSync('npm', ['run', 'setup', '--', '--gpu'], { cwd: root, stdio: ['ignore', 2, 2] });
    const report = await check(device);
    mkdirSync(flags.out, { recursive: true });
    writeFileSync(join(flags.out, 'gpu-check.json'), `${JSON.stringify(report, null, 1)}\n`);
    writeFileSync(join(flags.out, 'gpu-check.md'), reportText(report));
    const findings = report.sections.flatMap((section) => section.findings);
    const wrong = findings.filter(({ isWell }) => !isWell);
    for (const { name, found } of wrong) process.stderr.write(`gpu-check: NOT WELL: ${name}: ${found}\n`);
    process.stderr.write(`gpu-check: ${findings.length - wrong.length} of ${findings.length} are well\n`);
    process.exitCode = wrong.length === 0 ? 0 : 1;
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}
