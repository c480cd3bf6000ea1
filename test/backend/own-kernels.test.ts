import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { type Processor, useOwnKernels } from '../../src/backend/own-kernels.ts';

const scratch = mkdtempSync(join(tmpdir(), 'gcnc-kernels-'));
after(() => rmSync(scratch, { recursive: true }));
/** A folder with addons that are none, whose message says which of them was loaded. */
const folderWith = (...levels: readonly string[]): string => {
  const folder = join(scratch, levels.join('-') || 'empty');
  mkdirSync(folder, { recursive: true });
  for (const level of levels) writeFileSync(join(folder, `gcnc_kernels_${level}.node`), 'no addon');
  return folder;
};
const broken = folderWith('avx512bf16', 'avx512', 'avx2');
const empty = folderWith();

const flags = [
  'avx2',
  'fma',
  'avx512f',
  'avx512bw',
  'avx512vl',
  'avx512dq',
  'avx512_bf16',
  'amx_tile',
  'amx_bf16',
];
const machine = (...without: readonly string[]): Processor => ({
  isGpu: false,
  flags: new Set(flags.filter((flag) => !without.includes(flag))),
  architecture: 'x64',
});

test("on request, on a GPU and on a processor without the instructions TensorFlow's kernels do the work", () => {
  const why = (asked: string, processor: Processor): string | null => {
    const { kernels, instructions, why, remedy } = useOwnKernels(broken, asked, processor);
    assert.deepEqual([kernels, instructions, remedy], ['tensorflow', null, null], 'and no addon is loaded');
    return why;
  };
  assert.equal(why('tensorflow', machine()), 'GCNC_KERNELS=tensorflow');
  assert.match(why('', { ...machine(), isGpu: true }) ?? '', /a GPU is used/);
  assert.equal(why('', machine('fma', 'avx512f')), 'this processor lacks fma');
  assert.match(why('', { ...machine(), architecture: 'riscv64' }) ?? '', /for x86-64 and Arm, .* riscv64/);
});

/** Which addon was loaded, by what is said of it: none of them is one. */
const loaded = (folder: string, asked: string, processor: Processor): string | undefined => {
  try {
    const { why } = useOwnKernels(folder, asked, processor);
    return /gcnc_kernels_(\w+)\.node/.exec(why ?? '')?.[1];
  } catch (error) {
    return /gcnc_kernels_(\w+)\.node/.exec(String(error))?.[1];
  }
};

test('the fastest level that the processor has is loaded', (context) => {
  context.mock.method(process.stderr, 'write', () => true);
  assert.equal(loaded(broken, '', machine()), 'avx512bf16');
  assert.equal(loaded(broken, 'gcnc', machine()), 'avx512bf16');
  assert.equal(loaded(broken, '', machine('amx_tile')), 'avx512bf16');
  assert.equal(loaded(broken, '', machine('avx512_bf16')), 'avx512');
  assert.equal(loaded(broken, '', machine('avx512dq')), 'avx2');
  assert.equal(loaded(folderWith('neon'), '', { isGpu: false, flags: null, architecture: 'arm64' }), 'neon');
});

test('one that set-up could not compile is passed over', (context) => {
  context.mock.method(process.stderr, 'write', () => true);
  assert.equal(loaded(folderWith('avx512', 'avx2'), '', machine()), 'avx512');
});

test('GCNC_KERNELS names a level, slower ones too', () => {
  assert.equal(loaded(broken, 'avx2', machine()), 'avx2');
  assert.equal(loaded(broken, 'avx512', machine()), 'avx512');
});

test('kernels that set-up has not compiled', () => {
  assert.deepEqual(useOwnKernels(empty, '', machine()), {
    kernels: 'tensorflow',
    instructions: null,
    why: "gcnc's own are not compiled",
    remedy: 'npm run setup',
  });
});

test('kernels that do not load stop nothing: one line on standard error names the cause', (context) => {
  const printed = context.mock.method(process.stderr, 'write', () => true);
  const { kernels, why, remedy } = useOwnKernels(broken, '', machine());
  printed.mock.restore();
  assert.equal(kernels, 'tensorflow');
  assert.match(
    why ?? '',
    /^gcnc's own kernels do not load: .*gcnc_kernels_avx512bf16\.node: file too short$/,
  );
  assert.equal(remedy, 'npm run setup -- --force');
  const lines = printed.mock.calls.map((call) => String(call.arguments[0]));
  assert.equal(lines.length, 1);
  assert.match(lines[0]!, /^gcnc: gcnc's own kernels do not load: .*file too short; .* slower; .*\n$/);
});

test('GCNC_KERNELS fails where they cannot be used, and other names are refused', () => {
  const refused = (asked: string, processor: Processor, message: string): void =>
    assert.throws(() => useOwnKernels(empty, asked, processor), { name: 'InputError', message });
  refused(
    'gcnc',
    { ...machine(), isGpu: true },
    "GCNC_KERNELS=gcnc: gcnc's own run on the processor, and a GPU is used",
  );
  refused('avx512', machine('avx512bw'), 'GCNC_KERNELS=avx512: this processor lacks avx512bw');
  refused('avx2', machine(), "GCNC_KERNELS=avx2: gcnc's own are not compiled; run 'npm run setup'");
  refused(
    'fast',
    machine(),
    'GCNC_KERNELS is fast; allowed here are gcnc, amx, avx512bf16, avx512, avx2, tensorflow',
  );
});
