/** Runs the tests: all, or those whose path contains one of the arguments. Options (-…) go to node. */
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { buildPackage } from './setup/build-package.mjs';
import { problemLine } from './setup/problem.mjs';

const root = resolve(import.meta.dirname, '..');
const options = process.argv.slice(2).filter((each) => each.startsWith('-'));
const filters = process.argv.slice(2).filter((each) => !each.startsWith('-'));
const files = readdirSync(join(root, 'test'), { recursive: true })
  .map((path) => join('test', path))
  .filter((path) => path.endsWith('.test.ts'))
  .filter((path) => filters.length === 0 || filters.some((each) => path.includes(each.replace(/^\.\//, ''))))
  .sort();
if (files.length === 0) {
  process.stderr.write(
    `test: no test/**/*.test.ts${filters.length > 0 ? ` contains ${filters.join(' or ')}` : ''}\n`,
  );
  process.exit(1);
}
try {
  // Tests that start the program start what users of the package run: a second less per start.
  buildPackage(root, process.env);
} catch (error) {
  process.stderr.write(`test: ${problemLine(error, process.env)}\n`);
  process.exit(1);
}
const reporter = options.some((each) => each.startsWith('--test-reporter')) ? [] : ['--test-reporter=spec'];
// One file per core: Node's own number is one less, which leaves a core of two idle.
const concurrency = options.some((each) => each.startsWith('--test-concurrency'))
  ? []
  : [`--test-concurrency=${availableParallelism()}`];
const args = ['--import', 'tsx', '--test', ...concurrency, ...reporter, ...options, ...files];
const child = spawn(process.execPath, args, {
  cwd: root,
  stdio: 'inherit',
  env: { TF_CPP_MIN_LOG_LEVEL: '3', ...process.env },
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => {
  process.exitCode = signal === null ? (code ?? 1) : 1;
});
