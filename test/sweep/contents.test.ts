/** Data, class splits and first weights enter a run's identity by what they hold, not by where they lie. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { stringify } from 'yaml';
import { parseConfigText } from '../../src/config/config-file.ts';
import { expandSweep } from '../../src/config/expand.ts';
import { formerHashesOf, hashOfConfig } from '../../src/config/run-identity.ts';
import { runConfigSchema, type SweepFile, sweepFileSchema } from '../../src/config/schema.ts';
import { contentDigest } from '../../src/files/content-digest.ts';
import {
  contentsReader,
  formerContentsReader,
  pathsIn,
  requireContents,
} from '../../src/pipeline/given-contents.ts';
import { runPaths } from '../../src/runs/paths.ts';
import { planSweep, prepareRun } from '../../src/sweep/plan.ts';
import { inputErrorOf, scratchFolder } from '../config/scratch.ts';

const specOf = (keys: object, contentsOf = contentsReader(null)) =>
  expandSweep(sweepFileSchema.parse(keys) as SweepFile, undefined, contentsOf)[0]!;

test('the paths of a config are those of no name that the program knows', () => {
  const config = runConfigSchema.parse({
    data: { name: 'pets', split: 'classes.yaml' },
    model: { weights: 'runs/a/checkpoints/9' },
    fewshot: { targets: ['target', 'mnist', 'mnist/test', 'birds.npz'] },
  });
  assert.deepEqual(pathsIn(config), ['pets', 'classes.yaml', 'runs/a/checkpoints/9', 'birds.npz']);
  assert.deepEqual(pathsIn(runConfigSchema.parse({ data: { name: 'cifar-100', split: 'fc100' } })), []);
});

test('a file that moves leaves the run what it was; one that changes makes another', (context) => {
  const folder = scratchFolder(
    { 'a.npz': 'one', 'split.yaml': 'source: [a]', 'w/weights.safetensors': 'w' },
    context,
  );
  const at = (name: string): string => join(folder, name);
  const keysOf = (data: string, split: string, weights: string) => ({
    data: { name: at(data), split: at(split) },
    model: { weights: at(weights) },
    fewshot: { targets: ['target', at(data)] },
  });
  const first = specOf(keysOf('a.npz', 'split.yaml', 'w'));
  mkdirSync(at('moved'));
  for (const name of ['a.npz', 'split.yaml', 'w']) renameSync(at(name), at(`moved/${name}`));
  const moved = keysOf('moved/a.npz', 'moved/split.yaml', 'moved/w');
  assert.equal(specOf(moved).hash, first.hash);
  for (const [name, text] of [
    ['moved/a.npz', 'two'],
    ['moved/split.yaml', 'source: [b]'],
    ['moved/w/weights.safetensors', 'v'],
  ] as const) {
    const before = readFileSync(at(name));
    writeFileSync(at(name), text);
    assert.notEqual(specOf(moved).hash, first.hash, name);
    writeFileSync(at(name), before);
  }
  assert.equal(specOf(moved).hash, first.hash);
});

test("a run's config.yaml records what its paths hold, and its own hash is that of its name", (context) => {
  const folder = scratchFolder({ 'a.npz': 'one' }, context);
  const spec = specOf({ data: { name: join(folder, 'a.npz') } });
  const run = planSweep(
    { name: 's', given: {} as never, runs: [spec] },
    { out: folder, retryFailed: false, force: false },
  ).runs[0]!;
  prepareRun(run);
  const written = parseConfigText(readFileSync(runPaths(run.folder).config, 'utf8'));
  assert.deepEqual(Object.keys(written.contents as object), [join(folder, 'a.npz')]);
  assert.equal(hashOfConfig(written), spec.hash);
  // The file may be gone when the sweep is read.
  rmSync(join(folder, 'a.npz'));
  assert.equal(hashOfConfig(parseConfigText(readFileSync(runPaths(run.folder).config, 'utf8'))), spec.hash);
});

test('a run of before, named by its paths, is found again', (context) => {
  const folder = scratchFolder({ 'a.npz': 'one' }, context);
  const keys = { data: { name: join(folder, 'a.npz') } };
  const former = specOf(keys, () => ({}));
  const spec = specOf(keys);
  assert.notEqual(spec.hash, former.hash);
  assert.ok(formerHashesOf(spec.config).includes(former.hash));
  const place = join(folder, 's', former.folderName);
  mkdirSync(place, { recursive: true });
  writeFileSync(runPaths(place).config, stringify(former.config));
  const input = { name: 's', given: {} as never, runs: [spec] };
  const [run] = planSweep(input, { out: folder, retryFailed: false, force: false }).runs;
  assert.equal(run!.name, former.folderName);
});

test('a run whose data changed after it was planned is refused before it trains', (context) => {
  const folder = scratchFolder({ 'a.npz': 'one' }, context);
  const { config } = specOf({ data: { name: join(folder, 'a.npz') } });
  requireContents(config, null);
  writeFileSync(join(folder, 'a.npz'), 'two');
  assert.match(
    inputErrorOf(() => requireContents(config, null)),
    /a\.npz: holds something else than when the run was planned \(SHA-256 .{12}, not .{12}\); call gcnc sweep again/,
  );
});

const checkpointFiles = Object.fromEntries(
  ['config.yaml', 'optimizer.safetensors', 'state.json', 'weights.safetensors'].map((name) => [
    `w/${name}`,
    name,
  ]),
);

/** What `gcnc eval` and `gcnc report` leave in a checkpoint's folder. */
const leaveResults = (checkpoint: string): void => {
  mkdirSync(join(checkpoint, 'embeddings'));
  writeFileSync(join(checkpoint, 'embeddings/target-embedding-0123456789ab.npz'), 'e');
  writeFileSync(join(checkpoint, 'report.html'), 'r');
};

test('what eval and report leave beside the first weights makes no other run of those that start there', (context) => {
  const folder = scratchFolder(checkpointFiles, context);
  const keys = { model: { weights: join(folder, 'w') } };
  const spec = specOf(keys);
  // As version 0.1 named it: the digest of the whole folder, with nothing else in it yet.
  assert.equal(spec.config.contents![join(folder, 'w')], contentDigest(join(folder, 'w'), null));
  leaveResults(join(folder, 'w'));
  assert.equal(specOf(keys).hash, spec.hash);
  requireContents(spec.config, null);
  for (const name of Object.keys(checkpointFiles)) {
    const before = readFileSync(join(folder, name));
    writeFileSync(join(folder, name), 'other');
    assert.notEqual(specOf(keys).hash, spec.hash, name);
    assert.match(
      inputErrorOf(() => requireContents(spec.config, null)),
      /w: holds something else/,
    );
    writeFileSync(join(folder, name), before);
  }
});

test('a run that was named when eval had left its results there is found again, and goes on', (context) => {
  const folder = scratchFolder({ ...checkpointFiles, 'a.npz': 'one' }, context);
  const weights = join(folder, 'w');
  leaveResults(weights);
  const keys = { data: { name: join(folder, 'a.npz') }, model: { weights } };
  const spec = specOf(keys);
  const contents = { ...spec.config.contents, [weights]: contentDigest(weights, null)! };
  const former = specOf(keys, () => contents);
  assert.notEqual(spec.hash, former.hash);
  const options = { out: folder, retryFailed: false, force: false };
  const input = { name: 's', given: {} as never, runs: [spec], formerContents: formerContentsReader(null) };
  prepareRun(planSweep({ ...input, runs: [former] }, options).runs[0]!);
  const [run] = planSweep(input, options).runs;
  assert.equal(run!.name, former.folderName);
  prepareRun(run!);
  const { config } = runPaths(run!.folder);
  const written = runConfigSchema.parse(parseConfigText(readFileSync(config, 'utf8')));
  assert.equal(hashOfConfig(written), former.hash);
  requireContents(written, null);
  writeFileSync(join(folder, 'a.npz'), 'two');
  assert.match(
    inputErrorOf(() => requireContents(written, null)),
    /a.npz: holds something else/,
  );
});

test('two paths that hold the same are the same run, and a sweep over both is refused', (context) => {
  const folder = scratchFolder({ 'a.npz': 'one', 'b.npz': 'one' }, context);
  const names = ['a.npz', 'b.npz'].map((name) => join(folder, name));
  assert.match(
    inputErrorOf(() => specOf({ sweep: { grid: { 'data.name': names } } })),
    /are the same run/,
  );
});
