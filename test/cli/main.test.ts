import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { runConfigSchema } from '../../src/config/schema.ts';
import { runsOf, scratchFolder } from '../config/scratch.ts';
import { outputOf, refusalOf } from './in-process.ts';

const project = resolve(import.meta.dirname, '../..');
const mainFile = join(project, 'src/cli/main.ts');
const quickstart = join(project, 'configs/quickstart.yaml');

/** In a process of its own. */
const gcncApart = (args: readonly string[], environment: NodeJS.ProcessEnv = {}) =>
  spawnSync(process.execPath, ['--import', 'tsx', mainFile, ...args], {
    encoding: 'utf8',
    cwd: project,
    env: { ...process.env, GCNC_DEBUG: '', ...environment },
  });

const wrong: readonly (readonly [args: readonly string[], says: RegExp])[] = [
  [['help', 'swep'], /^error: unknown command 'swep' \(Did you mean sweep\?\); gcnc --help lists/],
  [['swep'], /^error: unknown command 'swep' \(Did you mean sweep\?\); gcnc --help lists the commands\n$/],
  [['sweep', quickstart, '--jbos', '2'], /^error: unknown option '--jbos' \(Did you mean --jobs\?\)\n$/],
  [['sweep'], /^error: missing required argument 'file'\n$/],
  [['sweep', 'nowhere.yaml'], /^nowhere.yaml: no such file\n$/],
  [['sweep', quickstart, '--jobs', '0'], /^error: .*--jobs.*allowed is a whole number from 1\n$/],
  [
    ['sweep', quickstart, '--launcher', 'slrum'],
    /^error: .*Allowed choices are local, slurm, in-process\.\n$/,
  ],
  [['config', quickstart, 'training.lr=1'], /^override training.lr=1: .*did you mean learningRate\?\n$/],
  [
    ['train', quickstart],
    /quickstart.yaml: train takes one run, and the file's sweep has 10; use gcnc sweep\n$/,
  ],
  [['run', 'nowhere'], /^nowhere: no run's folder/],
];

for (const [args, says] of wrong)
  test(`gcnc ${args.map((each) => each.replace(project, '.')).join(' ')}: one line and exit code 2`, async () => {
    assert.match(`${await refusalOf(args)}\n`, says);
  });

test('a process ends with exit code 2 and one line for wrong input', () => {
  const { status, stdout, stderr } = gcncApart(['sweep', 'nowhere.yaml']);
  assert.deepEqual([status, stdout, stderr], [2, '', 'nowhere.yaml: no such file\n']);
});

test('what a sweep asks of its data and models is checked before its first run', async (context) => {
  const out = scratchFolder({}, context);
  const messageOf = (...overrides: string[]): Promise<string> =>
    refusalOf(['sweep', quickstart, ...overrides, '--out', out], { GCNC_DATA_DIR: out });
  assert.match(await messageOf('data.name=cifra-100'), /did you mean cifar-100\?/);
  assert.match(await messageOf('data={name: cifar-100}'), /cifar-100.*(gcnc data fetch|not there|no such)/);
  assert.match(
    await messageOf('fewshot.ways=99'),
    /run lr0.003-s0-[0-9a-f]{12}: few-shot: 99 ways from 10 classes/,
  );
  assert.match(await messageOf('model.weights=nowhere'), /model.weights: no checkpoint at nowhere/);
  assert.ok(!existsSync(join(out, 'quickstart')), 'nothing was made');
});

test('help loads no command and no library but the parser', (context) => {
  const folder = scratchFolder({}, context);
  // The coverage that V8 writes names every script it ran.
  const { status, stdout } = gcncApart(['--help'], { NODE_V8_COVERAGE: folder });
  assert.equal(status, 0);
  for (const name of ['sweep', 'train', 'config', 'compare', 'data', 'schema'])
    assert.match(stdout, new RegExp(`^ {2}${name} `, 'm'));
  assert.doesNotMatch(stdout, /^ {2}run /m);
  const loaded = readdirSync(folder).flatMap((name): string[] =>
    JSON.parse(readFileSync(join(folder, name), 'utf8')).result.map((script: { url: string }) => script.url),
  );
  const ours = loaded.filter((url) => url.includes(`${project}/src/`));
  assert.deepEqual(ours.map((url) => url.split('/src/')[1]!.split('?')[0]).sort(), [
    'cli/command-line.ts',
    'cli/main.ts',
    'files/tilde.ts',
    'input-error.ts',
  ]);
  const packages = loaded.map((url) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1]);
  const known = ['commander', 'tsx', 'esbuild', undefined];
  assert.deepEqual(
    [...new Set(packages)].filter((name) => !known.includes(name)),
    [],
  );
});

test('--version is that of package.json', async () => {
  const { version } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8'));
  assert.equal(await outputOf(['--version']), `${version}\n`);
});

test('gcnc config: YAML that is the resolved config, the origin of each value beside it', async () => {
  const stdout = await outputOf(['config', quickstart, 'training.epochs=1']);
  assert.match(stdout, /^ {2}epochs: 1 # override training.epochs=1$/m);
  assert.match(stdout, /^ {2}imageSize: 16 # \S+quickstart.yaml:\d+:14$/m);
  assert.match(stdout, /^ {2}nesterov: false # default$/m);
  assert.match(stdout, /^# 10 runs in quickstart\/$/m);
  const { sweep: _, ...config } = parse(stdout);
  assert.equal(runConfigSchema.parse(config).training.epochs, 1);
});

test('gcnc config: what it prints is a sweep file of the same runs, whatever the sweep varies', async (t) => {
  const folder = scratchFolder({}, t);
  const blocks = [
    'grid: { training.learningRate: [0.1, 0.2] }, seeds: [0, 1]',
    'grid: { training.schedule: [{ name: cosine }, { name: step, gamma: 0.5 }] }',
    'grid: { training.schedule.name: [cosine, step] }',
    'grid: { training.checkpointEvery.epochs: [1, 2] }',
    'grid: { training.checkpointEvery: [{ epochs: 1 }, { steps: 7 }] }',
    'zip: { model.width: [8, 16], training.l2: [0, 0.1] }, exclude: [{ model.width: 8 }]',
    'list: [{ training.epochs: 1 }, { training.epochs: 2, training.l2: 0.1 }]',
    'random: { n: 2, seed: 0, keys: { training.momentum: { uniform: [0, 0.9] } } }',
  ];
  const files = blocks.map((block, index) => {
    const path = join(folder, `given-${index}.yaml`);
    writeFileSync(path, `data: { imageSize: 16 }\nsweep: { ${block} }\n`);
    return path;
  });
  for (const path of [...files, quickstart]) {
    const printed = join(folder, 'printed.yaml');
    writeFileSync(printed, await outputOf(['config', path]));
    assert.deepEqual(
      runsOf(printed).map(({ folderName }) => folderName),
      runsOf(path).map(({ folderName }) => folderName),
      path,
    );
  }
});

test('gcnc config --json: one object with key, value and origin', async () => {
  const { values, runs, sweep } = JSON.parse(await outputOf(['config', quickstart, '--json']));
  assert.equal(sweep, 'quickstart');
  assert.equal(runs.length, 10);
  const width = values.find((each: { key: string }) => each.key === 'model.width');
  assert.equal(width.value, 16);
  assert.match(width.origin, /quickstart.yaml:\d+:\d+$/);
});

test('gcnc sweep --dry-run: runs, steps and disk, and nothing is made', async (context) => {
  const out = scratchFolder({}, context);
  const stdout = await outputOf(['sweep', quickstart, 'training.epochs=2', '--dry-run', '--out', out]);
  // 24 classes of 120 images in batches of 32 are 90 steps an epoch.
  assert.match(stdout, /lr0.003-s0-[0-9a-f]{12} │ pending │ yes +│ +180 │/);
  assert.match(stdout, /10 of 10 runs to do: 1,800 steps, [\d.]+ MB on disk/);
  assert.ok(!existsSync(join(out, 'quickstart')));
  const json = JSON.parse(await outputOf(['sweep', quickstart, '--dry-run', '--json', '--out', out]));
  assert.deepEqual(
    json.runs.map((run: { state: string; toDo: boolean }) => [run.state, run.toDo]),
    new Array(10).fill(['pending', true]),
  );
});

test('a reader that goes away is no error', async () => {
  const child = spawn(process.execPath, ['--import', 'tsx', mainFile, 'schema'], {
    cwd: project,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  child.stdout.destroy();
  const code = await new Promise((done) => child.on('close', done));
  assert.equal(stderr, '');
  assert.equal(code, 0);
});
