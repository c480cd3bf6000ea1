import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import type { TestContext } from 'node:test';
import { zipSync } from 'fflate';
import { compiledLevels } from '../../scripts/setup/kernel-levels.mjs';

const project = resolve(import.meta.dirname, '../..');
const realPython = (process.env.PATH ?? '')
  .split(delimiter)
  .map((folder) => join(folder, 'python3'))
  .find((path) => existsSync(path));

/** What a tool that set-up calls does: its work, nothing but fail, its half and then kill set-up, or its work while a source is edited. */
export type Conduct = 'works' | 'fails' | 'kills' | 'edits';

export interface Checkout {
  readonly root: string;
  readonly cache: string;
  readonly wheels: string;
  readonly wheel: string;
  readonly addon: string;
  /** The fastest level's own kernels. */
  readonly kernels: string;
  /** Runs `node scripts/setup.mjs`, or another file, with only the fake tools on PATH. */
  readonly run: (environment?: NodeJS.ProcessEnv, args?: readonly string[]) => Ran;
  readonly removeTool: (name: string) => void;
  readonly addTool: (name: string) => void;
}

export interface Ran {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /**
   * The tools' calls: `npm ci`, `pip download`, `unpack`, `compile <sources>`, `link <addon>`; questions after a version are not
   * listed. Those of the compiler, which run beside each other, come last and in order of the alphabet.
   */
  readonly calls: readonly string[];
}

const platform = `${process.platform}-${process.arch}`;

/** The levels that gcnc's own kernels are compiled for here, the fastest first. */
export const levels = compiledLevels(process.arch).map(({ name }) => name);

/** The compiler's calls for gcnc's own kernels, for TensorFlow's settings, and for all addons. */
const frameworkCalls = ['compile framework.cc', 'link gcnc_framework'];
export const kernelCalls = [
  ...levels.map(() => 'compile kernel.cc'),
  ...levels.map((level) => `link gcnc_kernels_${level}`),
].sort();
export const compilerCalls = [
  ...['compile tfjs_backend.cc', 'compile tfjs_binding.cc', 'link tfjs_binding'],
  ...frameworkCalls,
  ...kernelCalls,
].sort();

/**
 * A small checkout with the real scripts, a wheel of a few bytes pinned by its hash, and tools that write down their calls.
 * pip is the real one, told to take wheels from the checkout's own folder and never from a network.
 */
export function makeCheckout(context: TestContext): Checkout {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'gcnc-setup-')));
  context.after(() => rmSync(root, { recursive: true, force: true }));
  const cache = join(root, 'cache');
  const bin = join(root, 'bin');
  const wheels = join(root, 'wheels');
  const wheel = join(wheels, `tensorflow_cpu-2.21.0-cp311-cp311-${pipTag()}.whl`);
  cpSync(join(project, 'scripts'), join(root, 'scripts'), { recursive: true });
  write(join(root, 'package.json'), '{"name": "gcnc", "type": "module"}');
  write(join(root, 'package-lock.json'), JSON.stringify(lock));
  makePackages(root);
  write(wheel, smallWheel());
  for (const name of ['kernel.cc', 'kernel.h']) write(join(root, 'src/backend/native', name), `// ${name}\n`);
  write(join(root, 'src/backend/framework/framework.cc'), '// framework.cc\n');
  const requirements = `scripts/setup/requirements/${platform}-cpu.txt`;
  write(join(root, requirements), `tensorflow-cpu==2.21.0 --hash=sha256:${sha256(smallWheel())}\n`);

  write(join(bin, 'package.json'), '{"type": "commonjs"}');
  const addTool = (name: string): void => {
    write(join(bin, name), `#!${process.execPath}\n${fakeTools}`, 0o755);
  };
  for (const name of ['python3', 'c++', 'npm']) addTool(name);
  const calls = join(root, 'calls.txt');
  const addons = join(root, 'node_modules/@tensorflow/tfjs-node-gpu/lib/napi-v8');
  return {
    root,
    cache,
    wheels,
    wheel,
    addon: join(addons, 'tfjs_binding.node'),
    kernels: join(addons, `gcnc_kernels_${levels[0]}.node`),
    removeTool: (name) => rmSync(join(bin, name)),
    addTool,
    run: (environment = {}, args = ['scripts/setup.mjs']) => {
      rmSync(calls, { force: true });
      const { status, signal, stdout, stderr } = spawnSync(process.execPath, args, {
        cwd: root,
        encoding: 'utf8',
        env: {
          PATH: bin,
          HOME: root,
          GCNC_CACHE_DIR: cache,
          PIP_NO_INDEX: '1',
          PIP_FIND_LINKS: wheels,
          REAL_PATH: process.env.PATH,
          REAL_PYTHON: realPython,
          CALLS: calls,
          ...environment,
        },
      });
      const listed = existsSync(calls) ? readFileSync(calls, 'utf8').trim().split('\n') : [];
      const isCompiler = (call: string): boolean => /^(compile|link) /.test(call);
      const before = listed.filter((call) => !isCompiler(call));
      return { status, signal, stdout, stderr, calls: [...before, ...listed.filter(isCompiler).sort()] };
    },
  };
}

const lock = { packages: { '': {}, 'node_modules/one': { version: '1.0.0' } } };

/** node_modules as `npm ci` leaves it. */
function makePackages(root: string): void {
  const modules = join(root, 'node_modules');
  for (const name of ['tfjs_backend.cc', 'tfjs_binding.cc'])
    write(join(modules, '@tensorflow/tfjs-node-gpu/binding', name), `// ${name}\n`);
  write(join(modules, 'node-api-headers/include/node_api.h'), '');
  symlinkSync(join(project, 'node_modules/tsx'), join(modules, 'tsx'));
  write(join(modules, '.package-lock.json'), JSON.stringify(lock));
  // What the npm of fakeTools copies.
  cpSync(modules, join(root, 'packages'), { recursive: true, verbatimSymlinks: true });
}

function smallWheel(): Uint8Array {
  const text = (content: string): Uint8Array => new TextEncoder().encode(content);
  const at = { mtime: new Date(2020, 0, 1) };
  const info = 'tensorflow_cpu-2.21.0.dist-info';
  const library = process.platform === 'darwin' ? '.2.dylib' : '.so.2';
  return zipSync({
    [`tensorflow/libtensorflow_cc${library}`]: [text('libraries'), at],
    [`tensorflow/libtensorflow_framework${library}`]: [text('framework'), at],
    'tensorflow/include/tensorflow/c/c_api.h': [text('// headers'), at],
    'tensorflow/python/not_needed.py': [text('pass'), at],
    [`${info}/METADATA`]: [text('Metadata-Version: 2.1\nName: tensorflow_cpu\nVersion: 2.21.0\n'), at],
    [`${info}/WHEEL`]: [text('Wheel-Version: 1.0\nRoot-Is-Purelib: false\n'), at],
    [`${info}/RECORD`]: [text(''), at],
  });
}

const pipTag = (): string =>
  process.platform === 'darwin'
    ? 'macosx_12_0_arm64'
    : `manylinux_2_27_${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}`;

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

function write(path: string, content: string | Uint8Array, mode = 0o644): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content, { mode });
}

/** python3, c++ and npm in one: writes the call down, then does what CONDUCT_<call, with _ for all but letters> says, else its work. */
const fakeTools = `
const { appendFileSync, cpSync, rmSync, writeFileSync } = require('node:fs');
const { basename, join } = require('node:path');
const { spawnSync } = require('node:child_process');
const args = process.argv.slice(2);
const tool = basename(process.argv[1]);
if (args[0] === '--version') process.exit(0);
const after = (name) => args[args.indexOf(name) + 1];
const sources = () => args.filter((arg, i) => ['-include', '-c'].includes(args[i - 1])).map((path) => basename(path)).join(' ');
const compiler = () => args.includes('-c') ? 'compile ' + sources() : 'link ' + basename(after('-o')).split('-')[0];
const call = tool === 'npm' ? 'npm ci' : tool === 'c++' ? compiler() : args[1] === 'pip' ? 'pip ' + args[2] : 'unpack';
if (call === 'pip --version') process.exit(process.env.NO_PIP ? 1 : 0);
appendFileSync(process.env.CALLS, call + '\\n');
const conduct = process.env['CONDUCT_' + call.replace(/[^a-z]/g, '_')] ?? 'works';
if (conduct === 'fails') {
  console.error(process.env.COMPLAINT ?? 'error: it failed');
  process.exit(1);
}
if (call === 'npm ci') {
  rmSync('node_modules', { recursive: true, force: true });
  cpSync('packages', 'node_modules', { recursive: true, verbatimSymlinks: true, filter: (path) => conduct === 'works' || !path.endsWith('lock.json') });
} else if (tool === 'c++') {
  writeFileSync(after('-o'), conduct === 'kills' ? 'add' : 'addon');
  if (conduct === 'edits') writeFileSync('src/backend/native/kernel.h', '// edited');
} else {
  const { status } = spawnSync(process.env.REAL_PYTHON, args, { stdio: 'inherit', env: { ...process.env, PATH: process.env.REAL_PATH } });
  if (conduct === 'kills' && call === 'pip download') for (const name of require('node:fs').readdirSync(after('-d'))) writeFileSync(join(after('-d'), name), 'half');
  if (conduct === 'works') process.exit(status ?? 1);
}
if (conduct === 'kills') process.kill(process.ppid, 'SIGKILL');
`;
