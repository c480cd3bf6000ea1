/**
 * Checks of gcnc's own kernels that need no TensorFlow: node scripts/check-kernels.mjs [--all]
 *
 * Compiles them for each level that this processor has with sanitizers for memory and undefined behaviour and runs test/backend/native; for Arm,
 * where there are a cross-compiler and qemu-user, the same under emulation; and asks GCC and Clang for warnings. What a missing tool would do
 * is left out, aloud; with --all it fails.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { addonFolder, groupArguments, isGlue, recordPath } from './setup/addons.mjs';
import { compiledLevels } from './setup/kernel-levels.mjs';

const root = resolve(import.meta.dirname, '..');
const native = join(root, 'src/backend/native');
const checks = join(root, 'test/backend/native');
const isAll = process.argv.includes('--all');
const scratch = mkdtempSync(join(tmpdir(), 'gcnc-check-kernels-'));
const say = (line) => process.stdout.write(`${line}\n`);

const sourcesIn = (folder) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.cc'))
    .map((name) => join(folder, name));
const standAlone = sourcesIn(native).filter((path) => !isGlue(path));
/** The kernels are one object, as set-up makes them. */
const groups = [standAlone, ...sourcesIn(checks).map((path) => [path])];
const warnings = ['-Wall', '-Wextra', '-Werror'];
/** GCC 12 warns of its own header of AVX-512 (its bug 105593). */
const gccWarnings = [...warnings, '-Wno-uninitialized', '-Wno-maybe-uninitialized'];
const sanitizers = ['-fsanitize=address,undefined', '-fno-sanitize-recover=all', '-g'];

function run(command, args, options = '') {
  return new Promise((done) => {
    const child = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        TF_NUM_INTRAOP_THREADS: '3',
        ASAN_OPTIONS: `allocator_may_return_null=1${options}`,
      },
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += data));
    child.on('error', () => done({ ok: false, found: false, output: `${command} is not there` }));
    child.on('close', (code) => done({ ok: code === 0, found: true, output }));
  });
}

const isThere = async (command) => (await run(command, ['--version'])).found;

async function must(command, args, options) {
  const { ok, output } = await run(command, args, options);
  if (!ok) throw new Error(`${[command, ...args].join(' ')}\n${output}`);
  return output.trim();
}

/** Does the works, as many at once as there are processors. */
async function inTurns(works) {
  const left = [...works];
  const worker = async () => {
    for (let work = left.shift(); work !== undefined; work = left.shift()) await work();
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
}

async function compile(name, compiler, flags) {
  const folder = join(scratch, name);
  mkdirSync(folder, { recursive: true });
  const object = (group) => join(folder, `${basename(group.at(-1))}.o`);
  const common = ['-std=c++17', ...flags];
  await inTurns(
    groups.map((group) => () => must(compiler, [...common, ...groupArguments(group), '-o', object(group)])),
  );
  const program = join(folder, 'check');
  await must(compiler, [...common, ...groups.map(object), '-o', program, '-lpthread']);
  return program;
}

/** Names of what the processor has, as /proc/cpuinfo's; none where it does not say. */
function cpuFlags() {
  try {
    return /^flags\s*:(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1].trim().split(/\s+/) ?? [];
  } catch {
    return [];
  }
}

async function checkSanitized() {
  const has = cpuFlags();
  for (const { name, cpuFlags: needed, compilerFlags } of compiledLevels(process.arch)) {
    if (!needed.every((flag) => has.includes(flag))) {
      say(`${name}: left out, this processor does not have it`);
      continue;
    }
    const program = await compile(name, 'g++', ['-O1', ...gccWarnings, ...sanitizers, ...compilerFlags]);
    say(`${name}, sanitized: ${await must(program, [])}`);
    // The search for leaks needs a thread.
    const alone = await must(program, ['without-threads'], ':detect_leaks=0');
    say(`${name}, where no thread can be started: ${alone}`);
  }
}

/** Leaves a step out where a tool is missing, or fails. */
async function lacks(step, tools) {
  for (const tool of tools) {
    if (await isThere(tool)) continue;
    if (isAll) throw new Error(`${step}: ${tool} is not there`);
    say(`${step}: left out, ${tool} is not there`);
    return true;
  }
  return false;
}

async function checkArm() {
  const [compiler, emulator] = ['aarch64-linux-gnu-g++', 'qemu-aarch64'];
  if (process.arch === 'arm64' || (await lacks('neon', [compiler, emulator]))) return;
  const program = await compile('neon', compiler, ['-O2', ...gccWarnings, '-static']);
  say(`neon, emulated: ${await must(emulator, [program])}`);
}

/** Of the kernels GCC has warned while the above was compiled. Here each source is alone, so that one that lacks a header is found. */
async function checkWarnings() {
  const { folder } = JSON.parse(readFileSync(recordPath(addonFolder(root, process.env)), 'utf8'));
  const includes = [
    '-isystem',
    `${folder}/include`,
    '-isystem',
    join(root, 'node_modules/node-api-headers/include'),
  ];
  const common = ['-std=c++17', '-fPIC', '-DNAPI_VERSION=8', ...includes, '-fsyntax-only'];
  const levels = compiledLevels(process.arch);
  const glue = sourcesIn(native).filter(isGlue);
  const asked = (compiler, flags, paths) =>
    levels.flatMap(({ compilerFlags }) =>
      paths.map((path) => () => must(compiler, [...common, ...flags, ...compilerFlags, path])),
    );
  await inTurns(asked('g++', gccWarnings, glue));
  say('GCC has no warnings');
  if (await lacks("Clang's warnings", ['clang++'])) return;
  await inTurns(asked('clang++', warnings, [...glue, ...groups.flat()]));
  say('Clang has no warnings');
}

try {
  await checkSanitized();
  await checkArm();
  await checkWarnings();
} catch (error) {
  say(error.message);
  process.exitCode = 1;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
