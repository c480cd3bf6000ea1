import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { writeNpz } from '../../src/formats/npz.ts';
import { measureRows } from '../../src/measures/measure-rows.ts';
import { type WorkDone, watchWork } from '../../src/work-channel.ts';
import { uniform } from '../models/formula.ts';
import { outputOf } from './in-process.ts';

const root = mkdtempSync(join(tmpdir(), 'gcnc-work-'));
after(() => rmSync(root, { recursive: true }));
const file = join(root, 'embeddings.npz');
const [examples, dimension] = [120, 4];
writeNpz(file, {
  embeddings: { shape: [examples, dimension], values: Float32Array.from(uniform('e', examples * dimension)) },
  labels: { shape: [examples], values: Int32Array.from({ length: examples }, (_, i) => i % 6) },
});

/** What a command says of its work, which `withProgress` shows once it has taken two seconds. */
async function workOf(...args: string[]): Promise<readonly WorkDone[]> {
  const seen: WorkDone[] = [];
  const stop = watchWork((work) => seen.push(work));
  await outputOf(args);
  stop();
  return seen;
}

describe('a command says how far it is', () => {
  it('measure of embeddings: by the measures, in order', async () => {
    const work = await workOf('measure', file);
    assert.deepEqual(
      work.map(({ done, of }) => [done, of]),
      measureRows.map((_, index) => [index, measureRows.length]),
    );
  });

  it('eval: by the episodes, in order', async () => {
    const work = await workOf('eval', file, '--episodes', '30', '--shots', '1', '--readout', 'ridge');
    assert.deepEqual(
      work.map(({ done, of }) => [done, of]),
      Array.from({ length: 30 }, (_, index) => [index + 1, 30]),
    );
  });

  it('eval of all examples: by the digits of each fit, then by the queries', async () => {
    const work = await workOf('eval', file, '--shots', 'all', '--readout', 'logistic,nearest-mean');
    assert.deepEqual(
      [...new Set(work.map(({ what, unit }) => `${what}, ${unit}`))],
      ['fitting logistic, percent', 'deciding by logistic, queries', 'deciding by nearest-mean, queries'],
    );
    const percents = work.flatMap(({ unit, done, of }) => (unit === 'percent' ? [done / of] : []));
    assert.ok(percents.length > 5 && percents[0] === 0, percents.join(' '));
    assert.deepEqual(
      percents,
      percents.toSorted((left, right) => left - right),
    );
    assert.ok(percents.at(-1)! > 0.5 && percents.at(-1)! < 1, percents.join(' '));
    const queries = work.filter(({ what }) => what === 'deciding by nearest-mean');
    assert.deepEqual(
      queries.map(({ done }) => done),
      Array.from({ length: queries[0]!.of }, (_, index) => index + 1),
    );
  });
});
