import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { runConfigSchema } from '../src/config/schema.ts';
import { writeNpz } from '../src/formats/npz.ts';
import * as library from '../src/index.ts';
import { runOne } from '../src/pipeline/run-one.ts';
import { outputOf } from './cli/in-process.ts';
import { writeHalfFile } from './fewshot/half-file.ts';

const root = mkdtempSync(join(tmpdir(), 'gcnc-library-'));
after(() => rmSync(root, { recursive: true }));
const run = join(root, 'sweep', 'run');
const embeddings = join(root, 'e.npz');

const gcnc = async (...args: string[]) => JSON.parse(await outputOf([...args, '--json']));

describe('the library', () => {
  before(async () => {
    mkdirSync(run, { recursive: true });
    const config = runConfigSchema.parse({
      data: { imageSize: 16, perClass: 2 },
      model: { name: 'resnet10', width: 4 },
      training: { epochs: 1, batchSize: 16 },
      measure: { examples: 24 },
      fewshot: { episodes: 5 },
    });
    await runOne(run, config, { stopRequested: () => false, onProgress: () => {}, environment: {} });
    writeNpz(embeddings, {
      embeddings: { shape: [40, 3], values: Float32Array.from({ length: 120 }, (_, i) => (i * 7919) % 101) },
      labels: { shape: [40], values: Int32Array.from({ length: 40 }, (_, i) => i % 5) },
    });
  });

  it('has these names, and no others', () => {
    assert.deepEqual(Object.keys(library).sort(), ['InputError', 'evaluate', 'measure', 'readRuns']);
  });

  it('measures what `gcnc measure --json` prints', async () => {
    const { cost: _, ...found } = await library.measure(run, { examples: 24 });
    const { cost: __, ...printed } = await gcnc('measure', run, '--examples', '24');
    assert.deepEqual(JSON.parse(JSON.stringify(found)), printed);
    assert.equal(found.dataMatchesTraining, true);
  });

  it('evaluates what `gcnc eval FILE.npz --json` prints', async () => {
    const options = { ways: 3, queries: 2, shots: [1, 5], episodes: 20 } as const;
    const printed = await gcnc(
      ...['eval', embeddings, '--ways', '3', '--queries', '2', '--shots', '1,5', '--episodes', '20'],
    );
    assert.deepEqual(JSON.parse(JSON.stringify(library.evaluate(embeddings, options))), printed);
  });

  it('says float16 of embeddings in it, as `gcnc eval` does', async () => {
    const half = join(root, 'half.npz');
    writeHalfFile(half);
    const printed = await gcnc(
      'eval',
      half,
      '--ways',
      '2',
      '--shots',
      '1',
      '--queries',
      '1',
      '--episodes',
      '3',
    );
    const found = library.evaluate(half, { ways: 2, shots: [1], queries: 1, episodes: 3 });
    assert.deepEqual(JSON.parse(JSON.stringify(found)), printed);
    assert.ok(found.results.every(({ precision }) => precision === 'float16'));
  });

  it('reads runs, and refuses what is no sweep', () => {
    assert.throws(() => library.readRuns(join(root, 'none')), library.InputError);
  });
});
