import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { episodeComparisonText } from '../../src/cli/compare-episodes-text.ts';
import { compareEpisodeFiles } from '../../src/fewshot/compare-episodes.ts';
import { type EvalInput, type EvalRequest, evaluate } from '../../src/fewshot/eval-record.ts';
import { evaluateEpisodes } from '../../src/fewshot/evaluate.ts';
import { firstColumns, perEpisodeRows } from '../../src/fewshot/per-episode-rows.ts';
import { csvText } from '../../src/report/csv.ts';
import { inputErrorOf, scratchFolder } from '../config/scratch.ts';
import { sampleEmbeddings, sampleSets } from './samples.ts';

const sample = sampleEmbeddings('narrow6', sampleSets.narrow6);
const setting = {
  ways: 3,
  shots: [1, 5],
  queries: 10,
  episodes: 30,
  readouts: ['nearest-mean', 'cosine'] as const,
  seed: 0,
};

/** Embeddings from a file; `input` and `request` say what is otherwise. */
const input: EvalInput = {
  ...{ embeddings: sample, isTest: null, baseMean: null, checkpoint: null, data: 'e.npz' },
  ...{ split: null, layer: null, precision: 'float64' },
};
const request: EvalRequest = { ...setting, features: {}, readoutOptions: {} };
const rowsOf = (evaluated: string, other: Partial<EvalInput>, asked: Partial<EvalRequest>) => {
  const own = { ...input, ...other };
  return perEpisodeRows(evaluated, own, evaluate(own, { ...request, ...asked }));
};

const tables = (context: TestContext) => {
  const folder = scratchFolder({}, context);
  const written = (name: string, rows: ReturnType<typeof rowsOf>): string => {
    const path = join(folder, `${name}.csv`);
    writeFileSync(path, csvText(rows));
    return path;
  };
  const table = (
    name: string,
    asked: Partial<EvalRequest> = {},
    evaluated = name,
    other: Partial<EvalInput> = {},
  ): string => {
    const values = sample.values.map((value, at) =>
      name === 'worse' && at % 6 > 2 ? 0 : value,
    ) as Float64Array;
    return written(name, rowsOf(evaluated, { embeddings: { ...sample, values }, ...other }, asked));
  };
  /** As versions of before 2026-11-27 wrote it. */
  const olderTable = (name: string, asked: Partial<EvalRequest> = {}): string =>
    written(
      name,
      rowsOf(name, {}, asked).map((row) =>
        Object.fromEntries(firstColumns.map((column) => [column, row[column]!])),
      ),
    );
  return { folder, table, olderTable };
};

test('two tables of the same episodes: the mean paired difference, with its own interval', (context) => {
  const { table } = tables(context);
  const found = compareEpisodeFiles(table('better', {}, 'runs/a, "quoted"'), table('worse'));
  assert.deepEqual([found.first, found.second], ['runs/a, "quoted"', 'worse']);
  assert.deepEqual(
    found.results.map(({ shots, readout, episodes }) => [shots, readout, episodes]),
    [1, 5].flatMap((shots) => setting.readouts.map((readout) => [shots, readout, 30])),
  );
  const exact = evaluateEpisodes(sample, setting).results;
  found.results.forEach(({ first, second, difference, ci95 }, at) => {
    assert.ok(Math.abs(first - exact[at]!.accuracy) < 1e-12);
    assert.ok(Math.abs(difference - (first - second)) < 1e-12);
    assert.ok(ci95[0] < difference && difference < ci95[1]);
  });
  const text = episodeComparisonText(found);
  assert.match(
    text,
    /^5 {6}nearest-mean {2}\d\d\.\d\d +\d\d\.\d\d +\+\d+\.\d\d +[+−]\d+\.\d\d to \+\d+\.\d\d +30 episodes$/m,
  );
  assert.match(
    text,
    /paired over the episodes of list [0-9a-f]{12}; nothing is said of other training seeds/,
  );
});

test('a checkpoint against itself differs by exactly nothing', (context) => {
  const { table } = tables(context);
  const path = table('better');
  for (const { difference, ci95 } of compareEpisodeFiles(path, path).results)
    assert.deepEqual([difference, ...ci95], [0, 0, 0]);
});

test('fits that did not converge are marked in the table, counted again and told of', (context) => {
  const { table, olderTable } = tables(context);
  // Equal supports of unlike classes at a large C: logistic regression takes steps without end.
  const values = sample.values.map((value, at) =>
    Math.floor(at / 6) % 14 < 4 ? 1000 * ((at % 6) + 1) : 1000 * value,
  ) as Float64Array;
  const asked = { shots: [5], readouts: ['logistic', 'nearest-mean'] as const, readoutOptions: { C: 1e4 } };
  const embeddings = { ...sample, values };
  const [logistic] = evaluateEpisodes(embeddings, { ...setting, ...asked }).results;
  const count = logistic!.unconverged!;
  assert.ok(count > 0 && count < 30, String(count));
  const flags = rowsOf('a', { embeddings }, asked).filter(({ readout }) => readout === 'logistic');
  assert.equal(
    flags.reduce((sum, { unconverged }) => sum + Number(unconverged), 0),
    count,
  );
  const [better, worse] = [table('well', { ...asked }), table('ill', asked, 'ill', { embeddings })];
  const found = compareEpisodeFiles(better, worse);
  assert.deepEqual(
    found.results.map(({ unconverged }) => unconverged),
    [
      { first: 0, second: count },
      { first: 0, second: 0 },
    ],
  );
  const lines = (text: string) => text.split('\n').filter((line) => line.startsWith('! '));
  assert.deepEqual(lines(episodeComparisonText(found)), [
    `! 5 shots, logistic: of 30 fits 0 not converged in the first, ${count} in the second`,
  ]);
  const older = compareEpisodeFiles(olderTable('older', asked), worse);
  assert.deepEqual(lines(episodeComparisonText(older)), [
    `! 5 shots, logistic: of 30 fits an unknown number not converged in the first, ${count} in the second`,
  ]);
  assert.deepEqual(lines(episodeComparisonText(compareEpisodeFiles(better, better))), []);
});

test('only what both tables have is compared', (context) => {
  const { table } = tables(context);
  const found = compareEpisodeFiles(table('better'), table('worse', { readouts: ['cosine'] }));
  assert.deepEqual(
    found.results.map(({ readout }) => readout),
    ['cosine', 'cosine'],
  );
  assert.match(
    inputErrorOf(() =>
      compareEpisodeFiles(table('a', { readouts: ['cosine'] }), table('b', { readouts: ['ridge'] })),
    ),
    /have no number of shots and readout in common$/,
  );
});

test('tables of other episodes, other files and damaged rows are refused', (context) => {
  const { table, folder } = tables(context);
  const good = table('better');
  assert.match(
    inputErrorOf(() => compareEpisodeFiles(good, table('other', { seed: 1 }))),
    /are of different episodes \(lists [0-9a-f]{12} and [0-9a-f]{12}\); only the same episodes can be paired$/,
  );
  const path = join(folder, 'wrong.csv');
  const refusal = (text: string): string => {
    writeFileSync(path, text);
    return inputErrorOf(() => compareEpisodeFiles(good, path));
  };
  const head = 'evaluated,list,episode,shots,readout,accuracy\n';
  assert.match(
    inputErrorOf(() => compareEpisodeFiles(good, join(folder, 'nowhere.csv'))),
    /nowhere.csv: no such file$/,
  );
  assert.match(refusal('a,b\n1,2\n'), /is no table of gcnc eval --per-episode/);
  assert.match(refusal(`${head}x,aa,0,5,cosine,1.5\n`), /wrong.csv:2: no row/);
  assert.match(refusal(`${head}x,aa,0,5,cosine,\n`), /wrong.csv:2: no row/);
  assert.match(refusal(`${head}x,aa,0,5,cosine,0.5\nx,aa,2,5,cosine,0.5\n`), /wrong.csv:3: no row/);
  assert.match(refusal(`${head}x,aa,0,5,cosine,0.5\nx,bb,1,5,cosine,0.5\n`), /list bb after aa/);
});

test('examples of other classes, in another order or with other images are no pairs', (context) => {
  const { table } = tables(context);
  const good = table('better');
  const refusal = (name: string, other: Partial<EvalInput>, first = good): string =>
    inputErrorOf(() => compareEpisodeFiles(first, table(name, {}, name, other)));
  const turned = { ...sample, labels: Int32Array.from(sample.labels, (label) => (label + 1) % 7) };
  assert.match(
    refusal('turned', { embeddings: turned }),
    /better.csv and .*turned.csv are of different examples: their labels, in order, differ; only the same examples/,
  );
  const renamed = { ...sample, classNames: sample.classNames.map((name) => `other-${name}`) };
  assert.match(refusal('renamed', { embeddings: renamed }), /are of different classes: their names differ/);
  const images = { digest: 'aaaaaaaaaaaa', form: '32x32x3' };
  const pictures = table('pictures', {}, 'pictures', { images });
  assert.match(
    refusal('others', { images: { ...images, digest: 'bbbbbbbbbbbb' } }, pictures),
    /are of different images; only/,
  );
});

test('two networks on the same images are a pair; what is not known of them is said', (context) => {
  const { table } = tables(context);
  const images = { digest: 'aaaaaaaaaaaa', form: '32x32x3' };
  const first = table('better', {}, 'better', { images });
  const notesWith = (name: string, other: Partial<EvalInput>): readonly string[] =>
    compareEpisodeFiles(first, table(name, {}, name, other)).notes;
  assert.deepEqual(notesWith('worse', { images }), []);
  assert.deepEqual(notesWith('file', {}), [
    'embeddings from a file name no images: the images are not known to be the same',
  ]);
  assert.deepEqual(notesWith('larger', { images: { digest: 'bbbbbbbbbbbb', form: '64x64x3' } }), [
    'images of 32x32x3 and of 64x64x3: they are not known to be the same',
  ]);
  const unnamed = { ...sample, classNames: sample.classNames.map((_, label) => String(label)) };
  assert.deepEqual(notesWith('unnamed', { embeddings: unnamed, images }), [
    'one of the two has numbers for class names: the classes are not known to be the same',
  ]);
});

test('layer, features and options that differ stand beside the difference', (context) => {
  const { table } = tables(context);
  const asked = { shots: [5], readouts: ['logistic', 'nearest-mean'] as const };
  const first = table('a', asked, 'a', { layer: 'embedding', split: 'target' });
  const second = table(
    'b',
    { ...asked, features: { normalize: true }, readoutOptions: { C: 10 } },
    ...(['b', { layer: 'layer3', split: 'target' }] as const),
  );
  const found = compareEpisodeFiles(first, second);
  assert.deepEqual(
    found.results[1]!.settings.find(({ setting }) => setting === 'layer'),
    { setting: 'layer', first: 'embedding', second: 'layer3' },
  );
  const text = episodeComparisonText(found);
  assert.match(text, /^5 +logistic .*30 episodes +C = 1; second: C = 10$/m);
  assert.match(text, /^the same: split target; dimension 6; precision float64; centre none; /m);
  assert.match(text, /^different: layer embedding and layer3; normalize false and true$/m);
});

test('the same number of shots is a pair, whatever else was asked for; fewer shots take a part of the supports', (context) => {
  const { table } = tables(context);
  const both = table('both');
  const found = compareEpisodeFiles(table('one', { shots: [1] }), both);
  assert.deepEqual(
    found.results.map(({ shots, difference }) => [shots, difference]),
    setting.readouts.map(() => [1, 0]),
  );
  // Disjoint episodes are dealt by the number of images that each takes.
  assert.match(
    inputErrorOf(() =>
      compareEpisodeFiles(
        table('dealt', { disjoint: true, queries: 5 }),
        table('one dealt', { disjoint: true, queries: 5, shots: [1] }),
      ),
    ),
    /are of different episodes/,
  );
});

test('tables of older versions are compared as before, and what they do not say is said', (context) => {
  const { table, olderTable } = tables(context);
  const older = olderTable('older');
  const found = compareEpisodeFiles(older, table('better'));
  assert.equal(found.results.length, 4);
  assert.match(
    episodeComparisonText(found),
    /^.*older.csv: of an older version, so that classes, labels, images and settings are not known to be the same$/m,
  );
  assert.equal(compareEpisodeFiles(olderTable('one', { shots: [1] }), table('better')).results.length, 2);
  assert.match(
    inputErrorOf(() => compareEpisodeFiles(older, olderTable('seed', { seed: 1 }))),
    /are of different episodes \(lists/,
  );
});
