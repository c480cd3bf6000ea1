import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { compareEpisodeFiles, episodeComparisonText } from '../../src/fewshot/compare-episodes.ts';
import { evaluateEpisodes } from '../../src/fewshot/evaluate.ts';
import { perEpisodeRows } from '../../src/fewshot/per-episode-rows.ts';
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

const tables = (context: TestContext) => {
  const folder = scratchFolder({}, context);
  const table = (name: string, options: Partial<typeof setting> = {}, evaluated = name): string => {
    const path = join(folder, `${name}.csv`);
    const values = sample.values.map((value, at) =>
      name === 'worse' && at % 6 > 2 ? 0 : value,
    ) as Float64Array;
    const evaluation = evaluateEpisodes({ ...sample, values }, { ...setting, ...options });
    writeFileSync(path, csvText(perEpisodeRows(evaluated, evaluation)));
    return path;
  };
  return { folder, table };
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

test('only what both tables have is compared', (context) => {
  const { table } = tables(context);
  const found = compareEpisodeFiles(table('better'), table('worse', { readouts: ['cosine'] as never }));
  assert.deepEqual(
    found.results.map(({ readout }) => readout),
    ['cosine', 'cosine'],
  );
  assert.match(
    inputErrorOf(() =>
      compareEpisodeFiles(
        table('a', { readouts: ['cosine'] as never }),
        table('b', { readouts: ['ridge'] as never }),
      ),
    ),
    /have no number of shots and readout in common$/,
  );
});

test('tables of other episodes, other files and damaged rows are refused', (context) => {
  const { table, folder } = tables(context);
  const good = table('better');
  assert.match(
    inputErrorOf(() => compareEpisodeFiles(good, table('other', { seed: 1 }))),
    /are of different episodes \(lists [0-9a-f]{12} and [0-9a-f]{12}\); only the same list can be paired$/,
  );
  const path = join(folder, 'wrong.csv');
  const refusal = (text: string): string => {
    writeFileSync(path, text);
    return inputErrorOf(() => compareEpisodeFiles(good, path));
  };
  const head = 'evaluated,list,episode,shots,readout,accuracy\n';
  assert.match(
    inputErrorOf(() => compareEpisodeFiles(good, join(folder, 'nowhere.csv'))),
    /nowhere.csv: ENOENT$/,
  );
  assert.match(refusal('a,b\n1,2\n'), /is no table of gcnc eval --per-episode/);
  assert.match(refusal(`${head}x,aa,0,5,cosine,1.5\n`), /wrong.csv:2: no row/);
  assert.match(refusal(`${head}x,aa,0,5,cosine,\n`), /wrong.csv:2: no row/);
  assert.match(refusal(`${head}x,aa,0,5,cosine,0.5\nx,aa,2,5,cosine,0.5\n`), /wrong.csv:3: no row/);
  assert.match(refusal(`${head}x,aa,0,5,cosine,0.5\nx,bb,1,5,cosine,0.5\n`), /list bb after aa/);
});
