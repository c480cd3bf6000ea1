import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { checkOutputFiles, checkOutputFolder, writeOutputs, writingTo } from '../../src/cli/outputs.ts';
import { writeNpz } from '../../src/formats/npz.ts';
import { inputErrorOf, scratchFolder } from '../config/scratch.ts';
import { sampleEmbeddings, sampleSets } from '../fewshot/samples.ts';
import { makeSweep } from '../report/sweep-folder.ts';
import { outputOf, refusalOf } from './in-process.ts';

/** A folder with a file `blocker`, in which no file can lie. */
const blocked = (context: TestContext) => {
  const folder = scratchFolder({}, context);
  const at = (name: string): string => join(folder, name);
  writeFileSync(at('blocker'), 'kept');
  return { folder, at };
};

const embeddingsIn = (path: string): string => {
  const { values, labels, dimension } = sampleEmbeddings('narrow6', sampleSets.narrow6);
  writeNpz(path, {
    embeddings: { shape: [labels.length, dimension], values },
    labels: { shape: [labels.length], values: labels },
  });
  return path;
};

test('an output that cannot be written is named before anything is read or computed', async (context) => {
  const { at } = blocked(context);
  // There is no checkpoint: it would be missed as soon as work began.
  const nowhere = at('no-checkpoint');
  const cases = [
    ['measure', nowhere, '--per-example', at('blocker/a.csv')],
    ['measure', nowhere, '--pairs', at('blocker/further/a.csv')],
    ['measure', at('none.npz'), '--pairs', at('blocker/a.csv')],
    ['eval', nowhere, '--per-episode', '/proc/a.csv'],
    ['eval', at('none.npz'), '--save-episodes', at('blocker/a.json'), '--json'],
    ['embed', nowhere, '--out', '/proc/a.npz'],
  ];
  for (const args of cases) {
    const [option, path] = args.slice(2);
    const refused = await refusalOf(args);
    assert.ok(refused.startsWith(`${option} ${path}: cannot be written (E`), refused);
    assert.match(refused, /\); give a path in a folder that can be written$/);
  }
  assert.equal(readFileSync(at('blocker'), 'utf8'), 'kept');
});

test('looking leaves nothing behind; folders that are missing are made when there is something to write', async (context) => {
  const { folder, at } = blocked(context);
  const path = at('new/folders/a.csv');
  checkOutputFiles([
    { option: '--pairs', path },
    { option: '--per-example', path: undefined },
  ]);
  checkOutputFolder('--out', at('new'));
  assert.deepEqual(readdirSync(folder), ['blocker']);
  await outputOf(['measure', embeddingsIn(at('e.npz')), '--pairs', path]);
  assert.match(readFileSync(path, 'utf8'), /^first,second,cdnv/);
});

test('what is no file, what stands for standard output, and one file for two outputs are refused', (context) => {
  const { folder, at } = blocked(context);
  const refusal = (path: string): string => inputErrorOf(() => checkOutputFiles([{ option: '--out', path }]));
  assert.match(refusal(folder), /^--out .*: is a folder; give a file$/);
  assert.match(refusal('/dev/null'), /is a device or a pipe; give a file$/);
  assert.match(refusal('-'), /^--out -: is not written to standard output; give a file, or .\/-$/);
  assert.match(refusal(''), /^--out: is empty; give a file$/);
  const twice = [
    { option: '--per-example', path: at('a.csv') },
    { option: '--pairs', path: at('./a.csv') },
  ];
  assert.match(
    inputErrorOf(() => checkOutputFiles(twice)),
    /is the file of --per-example too/,
  );
});

test('where writing fails after all, the others are written and the error is given back for the end', (context) => {
  const { at } = blocked(context);
  const unwritten = writeOutputs([
    { option: '--per-example', path: at('blocker/a.csv'), text: () => 'a' },
    { option: '--pairs', path: at('b.csv'), text: () => 'b' },
  ]);
  assert.match(unwritten!.message, /^--per-example .*blocker\/a.csv: cannot be written \(/);
  assert.equal(readFileSync(at('b.csv'), 'utf8'), 'b');
});

test('gcnc export: a file is no folder, and only JSON goes to standard output', async (context) => {
  const { at } = blocked(context);
  const sweep = makeSweep(at('.'), 'lr', { learningRates: [0.1], seeds: [0] });
  for (const format of ['csv', 'parquet', 'tensorboard'])
    assert.match(
      await refusalOf(['export', sweep, '--to', format, '--out', at('blocker')]),
      /^--out .*blocker: is a file; give a folder$/,
    );
  assert.match(
    await refusalOf(['export', sweep, '--to', 'csv', '--out', '-']),
    /^--out -: is not written to standard output; give a folder, or .\/-$/,
  );
  assert.ok(!existsSync('-'));
  assert.match(
    await refusalOf(['export', sweep, '--to', 'json', '--out', sweep]),
    /: is a folder; give a file$/,
  );
  assert.equal(JSON.parse(await outputOf(['export', sweep, '--to', 'json', '--out', '-'])).sweep, 'lr');
});

test('an .npz that is too large is refused in one line that names the option', () => {
  const values = new Float64Array(1000);
  assert.equal(
    inputErrorOf(() =>
      writingTo('--out', 'e.npz', () => writeNpz('e.npz', { a: { shape: [1000], values } }, 100)),
    ),
    '--out e.npz: 9152 bytes; an .npz holds at most 100',
  );
});
