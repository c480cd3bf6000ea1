import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { evaluate } from '../../src/fewshot/eval-record.ts';
import { checkpointInput } from '../../src/on-request/checkpoint-input.ts';
import { openCheckpoint, openCheckpointSet } from '../../src/on-request/checkpoint-set.ts';
import { withFineTune } from '../../src/on-request/fine-tune-checkpoint.ts';
import { root, runOf, smallConfig } from './small-run.ts';

const fineTune = { episodes: 3, steps: 4, headRate: 0.1, bodyRate: 0.01, batchSize: 5 };
const fewshot = { shots: [1, 2], ways: 3, queries: 3, episodes: 6, seed: 4 };

it('the readout fine-tune of a run gives what gcnc eval gives, on the first of the episodes that all readouts share', async () => {
  const { folder, last } = await runOf(
    smallConfig({}, { ...fewshot, readouts: ['nearest-mean', 'fine-tune'], fineTune }),
  );
  const checkpoint = openCheckpoint(folder);
  const input = await checkpointInput(
    folder,
    {
      ...{ layer: 'embedding', precision: 'float32', seed: 4, copies: 0 },
      ...{ markTest: false, baseMean: false, validation: false },
    },
    {},
  );
  const asked = { ...fewshot, readouts: ['nearest-mean'], features: {}, readoutOptions: {} } as const;
  const evaluated = evaluate({ ...input, layer: 'embedding' }, asked);
  const set = await openCheckpointSet(checkpoint, {}, {}, 'target');
  const request = { ...fineTune, shots: fewshot.shots, seed: 4, isTest: null };
  const { record } = await withFineTune(checkpoint, set, evaluated, request);
  assert.deepEqual(
    last.fewshot!.results.map(({ readout, shots, accuracy, ci95, episodes, regularization }) => [
      ...[readout, shots, accuracy, ci95, episodes ?? 6, regularization ?? null],
    ]),
    record.results.map(({ readout, shots, accuracy, ci95, n, regularization }) => [
      ...[readout, shots, accuracy, ci95, n, regularization],
    ]),
  );
  assert.deepEqual(
    last.fewshot!.results.map(({ readout }) => readout),
    ['nearest-mean', 'fine-tune', 'nearest-mean', 'fine-tune'],
  );
});

it('--dry-run of sweep and train says what fine-tuning costs before anything is trained', () => {
  const file = join(root, 'tune.yaml');
  writeFileSync(
    file,
    `data: { imageSize: 16, perClass: 6 }
model: { name: resnet10, width: 4 }
training: { epochs: 2, batchSize: 48 }
fewshot: { shots: [1, 2], ways: 3, queries: 3, episodes: 6, targets: [target, validation],
  readouts: [nearest-mean, fine-tune], fineTune: { episodes: 3, steps: 4, batchSize: 5 } }
`,
  );
  // 2 checkpoints, 2 targets, 3 episodes: 4 steps of 3 and of 5 supports (6, at most 5 at once), 9 queries for each number of shots.
  const said = (command: string, more: readonly string[]) =>
    spawnSync('./gcnc', [command, file, '--dry-run', '--out', root, ...more], { encoding: 'utf8' });
  const expected = /fine-tune: 384 images forwards and backwards, 216 forwards; [\d.e+]+ multiplications/;
  assert.match(said('train', []).stdout, expected);
  const twice = said('sweep', ['sweep.seeds=[0,1]']);
  assert.match(twice.stdout, /fine-tune: 768 images forwards and backwards, 432 forwards/, twice.stderr);
  assert.doesNotMatch(
    said('train', ['fewshot.readouts=[nearest-mean]', 'fewshot.fineTune=null']).stdout,
    /fine-tune:/,
  );
});
