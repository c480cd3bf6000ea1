/**
 * Asks the CUDA build of TensorFlow, without a GPU, for a kernel of every op with every type that gcnc issues (issued-ops.json).
 *
 *     node --import tsx bench/gpu/registry.ts FOLDER > bench/gpu/registry.json
 *
 * FOLDER holds libtensorflow_cc.so.2, libtensorflow_framework.so.2 and include/ out of the wheel that set-up takes for a GPU
 * (scripts/setup/unpack-wheel.py). Exit code 1 where an op has neither a GPU's kernel nor is known to run on the processor.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { IssuedOp } from './counter.ts';
import { kernelsIn, takes } from './kernel-list.ts';

/** TF_DataType's names, of the types in use. */
const typeNames: Readonly<Record<number, string>> = {
  ...{
    1: 'float32',
    2: 'float64',
    3: 'int32',
    4: 'uint8',
    7: 'string',
    10: 'bool',
    14: 'bfloat16',
    20: 'resource',
  },
};

export interface RegistryRow {
  readonly op: string;
  readonly types: Readonly<Record<string, string>>;
  /** DEFAULT: a kernel of any device. */
  readonly gpu: boolean;
  readonly cpu: boolean;
}

export const rowsOf = (issued: readonly IssuedOp[], lists: ReadonlyMap<string, Uint8Array>): RegistryRow[] =>
  issued.map(({ op, types }) => {
    const kernels = kernelsIn(lists.get(op) ?? new Uint8Array());
    const has = (device: string): boolean => takes(kernels, device, types);
    const named = Object.entries(types).map(([name, number]) => [name, typeNames[number] ?? `${number}`]);
    return {
      op,
      types: Object.fromEntries(named),
      gpu: has('GPU') || has('DEFAULT'),
      cpu: has('CPU') || has('DEFAULT'),
    };
  });

/** Each op's KernelList from the build in a folder. Throws Error where it does not compile or run. */
const listsFrom = (folder: string, ops: readonly string[]): ReadonlyMap<string, Uint8Array> => {
  const work = mkdtempSync(join(tmpdir(), 'gcnc-registry-'));
  const program = join(work, 'registry');
  try {
    const source = join(import.meta.dirname, 'registry.cc');
    const libraries = ['cc', 'framework'].map((name) => `-l:libtensorflow_${name}.so.2`);
    const args = [
      source,
      `-I${folder}/include`,
      `-L${folder}`,
      `-Wl,-rpath,${folder}`,
      ...libraries,
      '-o',
      program,
    ];
    const compiled = spawnSync(process.env.CXX || 'c++', ['-std=c++17', ...args], { encoding: 'utf8' });
    if (compiled.status !== 0) throw new Error(compiled.stderr);
    const ran = spawnSync(program, ops, { encoding: 'utf8', maxBuffer: 2 ** 28 });
    if (ran.status !== 0) throw new Error(ran.stderr);
    const lines = ran.stdout.trim().split('\n');
    return new Map(lines.map((line) => [line.split(' ')[0]!, Buffer.from(line.split(' ')[1] ?? '', 'hex')]));
  } finally {
    rmSync(work, { recursive: true });
  }
};

if (process.argv[1] === import.meta.filename) {
  const folder = resolve(process.argv[2]!);
  const issued: IssuedOp[] = JSON.parse(readFileSync(join(import.meta.dirname, 'issued-ops.json'), 'utf8'));
  const ops = [...new Set(issued.map(({ op }) => op))];
  const rows = rowsOf(issued, listsFrom(folder, ops));
  const library = readFileSync(join(folder, 'libtensorflow_framework.so.2'));
  const record = {
    date: new Date().toISOString().slice(0, 10),
    library: `libtensorflow_framework.so.2, SHA-256 ${createHash('sha256').update(library).digest('hex')}`,
    ops: ops.length,
    withoutGpuKernel: rows.filter(({ gpu }) => !gpu),
    rows,
  };
  process.stdout.write(`${JSON.stringify(record, null, 1)}\n`);
  process.exitCode = record.withoutGpuKernel.length === 0 ? 0 : 1;
}
