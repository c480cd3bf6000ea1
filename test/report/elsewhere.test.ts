import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { predictorsTable } from '../../experiments/predictors.ts';
import { checkpointValues } from '../../experiments/values.ts';
import type { CheckpointRecord } from '../../src/pipeline/records.ts';
import { aggregate } from '../../src/report/aggregate.ts';
import { checkpointScalars } from '../../src/report/export/checkpoint-values.ts';
import { longTables } from '../../src/report/export/long-tables.ts';
import { readSweep } from '../../src/report/read-runs.ts';
import { summaryText } from '../../src/report/summary.ts';
import { writeReport } from '../../src/report/write-report.ts';
import { makeSweep } from './sweep-folder.ts';

const parent = mkdtempSync(join(tmpdir(), 'gcnc-elsewhere-'));
after(() => rmSync(parent, { recursive: true }));

/** Adds layer2 of the source and of the target, and another target, whose numbers are told by their places. */
const withPlaces = (record: CheckpointRecord): unknown => {
  const [source, target] = ['sourceTrain', 'target'].map(
    (name) => record.measures.find(({ split }) => split === name)!,
  );
  const at = (set: string, layer: string, cdnv: number) => {
    const { split: _, ...measures } = set === 'sourceTrain' ? source! : target!;
    const geometricComplexity = { ...measures.geometricComplexity, layer, value: 10 * cdnv };
    const neuralCollapse = { ...measures.neuralCollapse, cdnv };
    return {
      ...{ set, layer, pooling: layer === 'embedding' ? 'none' : 'average' },
      ...{ ...measures, geometricComplexity, neuralCollapse },
      ...(layer === 'embedding'
        ? {}
        : { geometricComplexityUnpooled: { ...geometricComplexity, value: 1000 * cdnv } }),
    };
  };
  const { split: _, ...fewshot } = record.fewshot!;
  const episodesAt = (set: string, layer: string, accuracy: number) => ({
    ...{ set, layer, pooling: 'none', ...fewshot },
    results: fewshot.results.map((each) => ({ ...each, accuracy, ci95: [accuracy, accuracy] })),
  });
  const step = record.step / 1e6;
  return {
    ...record,
    elsewhere: {
      measures: [
        at('sourceTrain', 'layer2', 21 + step),
        at('target', 'layer2', 22 + step),
        at('mnist/test', 'layer2', 23 + step),
        at('mnist/test', 'embedding', 24 + step),
      ],
      fewshot: [episodesAt('mnist/test', 'embedding', 0.375), episodesAt('target', 'layer2', 0.625)],
    },
  };
};
const folder = makeSweep(parent, 'places', {
  learningRates: [0.01, 0.05, 0.1],
  seeds: [0, 1],
  epochs: 2,
  change: (records) => records.map((each) => (each.kind === 'checkpoint' ? withPlaces(each) : each)),
});
const plain = makeSweep(parent, 'plain', { learningRates: [0.01, 0.05, 0.1], seeds: [0, 1], epochs: 2 });

describe('layers and targets', () => {
  const results = aggregate(readSweep(folder));
  const read = (id: string) => {
    const quantity = results.quantities.find((each) => each.id === id);
    assert.ok(quantity, id);
    return quantity.read(results.finished[0]!.final);
  };

  test('are quantities of their own, and change none of those that were there', () => {
    const before = aggregate(readSweep(plain)).quantities.map(({ id }) => id);
    const ids = results.quantities.map(({ id }) => id);
    assert.deepEqual(ids.slice(0, before.length), before);
    assert.equal(new Set(ids).size, ids.length);
    assert.equal(read('at_mnist_test_embedding_cdnv'), 24.0002);
    assert.equal(read('at_target_layer2_cdnv'), 22.0002);
    assert.equal(read('at_sourceTrain_layer2_gcUnpooled'), 21000.2);
    assert.equal(read('at_mnist_test_embedding_5way_5shot_logistic'), 0.375);
    assert.equal(ids.includes('at_target_embedding_cdnv'), false);
  });

  test('stand side by side on the page, each set in a table of its own', async () => {
    const page = readFileSync(await writeReport(folder), 'utf8');
    const tables = [...page.matchAll(/<p class="caption"[^>]*>([^<]*), by layer.*?<\/table>/gs)];
    assert.deepEqual(
      tables.map(([, set]) => set),
      ['source', 'target', 'mnist/test'],
    );
    for (const [table, set] of tables) {
      const heads = [...table.matchAll(/<th scope="col"[^>]*>([^<]*)/g)].map(([, head]) => head!.trim());
      const at = heads.indexOf('CDNV: layer2');
      assert.deepEqual(heads.slice(at, at + 2), ['CDNV: layer2', 'CDNV: embedding'], set);
    }
    const before = readFileSync(await writeReport(plain), 'utf8');
    const [source, target] = ['Source classes', 'Classes that training never saw'].map(
      (caption) => before.slice(before.indexOf(caption)).split('</table>')[0]!,
    );
    assert.ok(
      source!.includes('squared gradient along the path') &&
        !target!.includes('squared gradient along the path'),
    );
    assert.equal(before.includes('by layer'), false);
  });

  test('other targets are in the terminal’s table, and all of it in exports', () => {
    const text = summaryText(results, { terminal: false, coloured: false });
    assert.match(text, /mnist\/test\s/);
    assert.match(text, /24\.0/);
    assert.match(text, /37\.5/);
    const { measures, fewshot } = longTables(readSweep(folder));
    const row = measures.find(
      ({ split, layer, final }) => split === 'mnist/test' && layer === 'layer2' && final,
    )!;
    assert.deepEqual([row.cdnv, row.pooling, row.geometricComplexityUnpooled], [23.0002, 'average', 23000.2]);
    const own = measures.find(({ split, final }) => split === 'target' && final)!;
    assert.deepEqual([own.pooling, own.geometricComplexityUnpooled], ['none', null]);
    assert.ok(
      fewshot.some(
        ({ split, layer, accuracy }) => split === 'target' && layer === 'layer2' && accuracy === 0.625,
      ),
    );
    const scalars = new Map(
      checkpointScalars(results.finished[0]!.final).map(({ tag, value }) => [tag, value]),
    );
    assert.equal(scalars.get('mnist/test.layer2/cdnv'), 23.0002);
    assert.equal(scalars.get('mnist/test.layer2/geometricComplexityUnpooled'), 23000.2);
    assert.equal(scalars.get('fewshot_mnist/test.embedding/5way_5shot_logistic'), 0.375);
    assert.equal(scalars.get('target/cdnv'), read('targetCdnv'));
  });

  test('are predictors of few-shot accuracy', () => {
    const rows = checkpointValues(folder, 'training.learningRate');
    const table = predictorsTable(rows, '5way_5shot_logistic', ({ hash }) => hash);
    assert.match(table, /\| mnist test embedding cdnv +\| 6 +\| no variation/);
    assert.match(table, /\| sourceTrain layer2 gcUnpooled +\|/);
    assert.doesNotMatch(
      predictorsTable(
        checkpointValues(plain, 'training.learningRate'),
        '5way_5shot_logistic',
        ({ hash }) => hash,
      ),
      /layer2/,
    );
  });
});

test('the few episodes of fine-tune do not stand for accuracy in the chain where other readouts have all', () => {
  const tuned = makeSweep(parent, 'tuned', {
    learningRates: [0.01, 0.1],
    seeds: [0],
    epochs: 1,
    change: (records) =>
      records.map((each) => {
        if (each.kind !== 'checkpoint' || each.fewshot === null) return each;
        const [first] = each.fewshot.results;
        const results = [...each.fewshot.results, { ...first!, readout: 'fine-tune', episodes: 20 }];
        return { ...each, fewshot: { ...each.fewshot, results } };
      }),
  });
  const { fewshot } = aggregate(readSweep(tuned));
  assert.deepEqual(
    fewshot.map(({ id }) => id.split('_').at(-1)),
    ['fine-tune', 'logistic', 'nearest-mean'],
  );
});
