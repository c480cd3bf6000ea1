import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type TestContext, test } from 'node:test';
import { instructionSetsIn } from '../../src/doctor/machine.ts';
import { findProblems } from '../../src/doctor/problems.ts';
import { levels } from './checkout.ts';

const project = resolve(import.meta.dirname, '../..');
const backend = 'node_modules/@tensorflow/tfjs-node-gpu';
const addons = join(project, backend, 'lib/napi-v8');

function doctor(root: string, environment: NodeJS.ProcessEnv = {}, ...args: readonly string[]) {
  return spawnSync(process.execPath, [join(root, 'gcnc'), 'doctor', ...args], {
    encoding: 'utf8',
    env: { ...process.env, CUDA_VISIBLE_DEVICES: '-1', GCNC_DEVICE: '', ...environment },
  });
}

test('gcnc doctor --json, once set up: TensorFlow 2.21 on the CPU, where it is, the machine and the data', (context) => {
  const data = scratch(context);
  mkdirSync(join(data, 'cifar-100-binary'));
  const { status, stdout } = doctor(project, { GCNC_DATA_DIR: data, GCNC_CACHE_DIR: '/a/cache' }, '--json');
  assert.equal(status, 0);
  const { runnable, tensorflow, machine, data: found, ...rest } = JSON.parse(stdout);
  assert.equal(runnable, true);
  assert.equal(tensorflow.version, '2.21.0');
  assert.equal(tensorflow.device, 'cpu');
  assert.match(tensorflow.kernels.kernels, /^(gcnc|tensorflow)$/);
  assert.equal(tensorflow.error, null);
  assert.equal(rest.node, process.version);
  assert.equal(rest.cacheFolder, '/a/cache');
  assert.ok(machine.cores >= 1 && machine.memoryBytes > machine.freeMemoryBytes);
  assert.equal(found.folder, data);
  const present = Object.fromEntries(
    found.dataSets.map((set: { name: string; present: boolean }) => [set.name, set.present]),
  );
  assert.equal(present.glyphs, true);
  assert.equal(present['cifar-100'], true);
  assert.equal(present['cifar-10'], false);
});

test('gcnc doctor works without TensorFlow, says what to do, and ends with 1', (context) => {
  const { root } = unprovided(context);
  const { status, stdout, stderr } = doctor(root, { PATH: '/nowhere' });
  assert.equal(stderr, '');
  assert.match(
    stdout,
    /^missing: TensorFlow is not set up: .*tfjs_binding\.node is missing; run 'npm run setup'$/m,
  );
  assert.match(stdout, /^missing: no C\+\+ compiler\n {2}-> install one/m);
  assert.match(stdout, /^missing: no python3\n {2}-> install it/m);
  assert.match(stdout, /\nnot ready\n$/);
  assert.equal(status, 1);
});

test("GCNC_KERNELS=tensorflow is why TensorFlow's kernels are in use", () => {
  const { status, stdout } = doctor(project, { GCNC_KERNELS: 'tensorflow' });
  assert.match(stdout, /^kernels +TensorFlow's: GCNC_KERNELS=tensorflow$/m);
  assert.equal(status, 0);
});

test("own kernels that do not load: a line on standard error, and TensorFlow's are in use", (context) => {
  const { root, lib } = unprovided(context);
  cpSync(join(addons, 'tfjs_binding.node'), join(lib, 'tfjs_binding.node'));
  for (const level of levels) writeFileSync(join(lib, `gcnc_kernels_${level}.node`), 'no addon');
  const { status, stdout, stderr } = doctor(root);
  assert.match(stdout, /^kernels +TensorFlow's: (gcnc's own kernels do not load|this processor lacks)/m);
  if (!stdout.includes('this processor lacks'))
    assert.match(stderr, /^gcnc: gcnc's own kernels do not load: .*file too short; .*--force'$/m);
  assert.equal(status, 0);
});

test('own kernels that could not be compiled: set-up recorded why, and what to do', (context) => {
  const { root, lib } = unprovided(context);
  for (const name of ['tfjs_binding.node', 'gcnc-setup.json']) cpSync(join(addons, name), join(lib, name));
  const path = join(lib, 'gcnc-setup.json');
  const record = JSON.parse(readFileSync(path, 'utf8'));
  const failure = { what: 'c++ is too old', remedy: 'take another', compiler: 'c++' };
  for (const level of levels) record.addons[`gcnc_kernels_${level}`].failure = failure;
  writeFileSync(path, JSON.stringify({ ...record, source: null }));
  const { stdout } = doctor(root);
  assert.match(stdout, /^kernels +TensorFlow's: (c\+\+ is too old|this processor lacks .*)$/m);
  if (stdout.includes('too old'))
    assert.match(stdout, /^note: without gcnc's own kernels runs are slower\n {2}-> take another$/m);
});

test('asked for a GPU that TensorFlow is not set up for, it says so and ends with 1', () => {
  const { status, stdout } = doctor(project, { GCNC_DEVICE: 'gpu' }, '--json');
  const { runnable, tensorflow } = JSON.parse(stdout);
  assert.equal(runnable, false);
  assert.match(tensorflow.error, /^GCNC_DEVICE=gpu, and TensorFlow found no GPU: /);
  assert.equal(status, 1);
});

test('instruction sets are read from the flags of /proc/cpuinfo; AMX needs tiles and bfloat16', () => {
  const flags = (names: string): string => `processor\t: 0\nflags\t\t: fpu ${names}\nbugs\t\t: avx2\n`;
  const all = { AVX2: true, 'AVX-512': true, 'AVX512-BF16': true, 'AMX-BF16': true };
  assert.deepEqual(instructionSetsIn(flags('avx2 avx512f avx512_bf16 amx_tile amx_bf16 amx_int8')), all);
  assert.deepEqual(instructionSetsIn(flags('avx2 avx512f amx_tile amx_int8')), {
    ...all,
    'AVX512-BF16': false,
    'AMX-BF16': false,
  });
  assert.deepEqual(instructionSetsIn(flags('avx avx512vl'))?.AVX2, false);
  assert.equal(instructionSetsIn('processor\t: 0\nFeatures\t: fp asimd\n'), null);
});

test('a GPU beside a CPU set-up, and missing CUDA libraries, are notes: runs are possible', () => {
  const tensorflow = {
    version: '2.21.0',
    device: 'cpu',
    setUpFor: 'cpu',
    libraries: '/cache/tensorflow',
    addon: '/addon',
    kernels: { kernels: 'gcnc', instructions: 'avx2', why: null, remedy: null },
    error: null,
    missingCudaLibraries: [],
  } as const;
  const tools = { python: null, pip: null, compiler: null, gpus: null };
  assert.deepEqual(findProblems(tensorflow, tools), [], 'tools do not matter once set up');
  const [unused] = findProblems(tensorflow, { ...tools, gpus: ['NVIDIA A100, 40960 MiB, 550.54'] });
  assert.equal(unused?.fatal, false);
  assert.equal(unused?.remedy, 'npm run setup -- --gpu');
  const [missing] = findProblems(
    { ...tensorflow, setUpFor: 'gpu', missingCudaLibraries: ['libcuda.so.1', 'libcudnn.so.9'] },
    tools,
  );
  assert.equal(missing?.what, 'set up for a GPU, but not found: libcuda.so.1, libcudnn.so.9');
  assert.match(missing?.remedy ?? '', /driver/);
  assert.equal(missing?.fatal, false);
});

/** The program with npm's packages and without what set-up compiles; `lib` is where that belongs. */
function unprovided(context: TestContext): { root: string; lib: string } {
  const root = scratch(context);
  for (const name of ['gcnc', 'package.json', 'package-lock.json', 'scripts', 'src'])
    cpSync(join(project, name), join(root, name), { recursive: true });
  mkdirSync(join(root, 'node_modules/@tensorflow'), { recursive: true });
  for (const name of readdirSync(join(project, 'node_modules')))
    if (name !== '@tensorflow')
      symlinkSync(join(project, 'node_modules', name), join(root, 'node_modules', name));
  for (const name of ['package.json', 'binding'])
    cpSync(join(project, backend, name), join(root, backend, name), { recursive: true });
  return { root, lib: join(root, backend, 'lib/napi-v8') };
}

function scratch(context: TestContext): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'gcnc-doctor-')));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
