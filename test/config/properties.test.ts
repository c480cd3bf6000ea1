import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { parse, stringify } from 'yaml';
import { expandSweep } from '../../src/config/expand.ts';
import { loadSweepFile } from '../../src/config/load.ts';
import { hashOfConfig } from '../../src/config/run-identity.ts';
import { runConfigSchema, sweepFileSchema } from '../../src/config/schema.ts';
import { canonicalJson } from '../../src/files/canonical-json.ts';
import { scratchFolder } from './scratch.ts';

const rate = fc.double({ min: 1e-9, max: 10, noNaN: true, minExcluded: true });
const share = fc.double({ min: 0, max: 1, noNaN: true });
const count = fc.integer({ min: 1, max: 4096 });

/** Values by dotted key, all allowed and none in contradiction with another. */
const keyValues = {
  'training.learningRate': rate,
  'training.batchSize': count,
  'training.l2': share,
  'training.weightDecay': share,
  'training.epochs': count,
  'model.width': count,
  'measure.examples': count,
  'data.perClass': count,
  'data.name': fc.string({ minLength: 1, unit: 'grapheme' }),
} as const;
type Key = keyof typeof keyValues;
const keys = Object.keys(keyValues) as Key[];

const distinctValues = (key: Key, maxLength = 3): fc.Arbitrary<(string | number)[]> =>
  fc.uniqueArray<string | number, string>(keyValues[key], {
    minLength: 1,
    maxLength,
    selector: (each) => canonicalJson(each),
  });

const grid = fc
  .uniqueArray(fc.constantFrom(...keys), { maxLength: 3 })
  .chain((chosen) => fc.record(Object.fromEntries(chosen.map((key) => [key, distinctValues(key)]))));
const seeds = fc.uniqueArray(fc.nat(1000), { minLength: 1, maxLength: 3 });

const config = fc
  .record(keyValues, { requiredKeys: [] })
  .map((values) => runConfigSchema.parse(nested(values)));

function nested(values: Readonly<Record<string, unknown>>): Record<string, Record<string, unknown>> {
  const sections: Record<string, Record<string, unknown>> = {};
  for (const [key, value] of Object.entries(values)) {
    const [section, name] = key.split('.') as [string, string];
    sections[section] = { ...sections[section], [name]: value };
  }
  return sections;
}

const valueAt = (value: unknown, key: string): unknown =>
  key.split('.').reduce<unknown>((at, part) => (at as Record<string, unknown>)[part], value);

/** The same value with the keys of every mapping in another order. */
const shuffled = (value: unknown, order: number): unknown => {
  if (Array.isArray(value)) return value.map((each) => shuffled(each, order));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, each]) => [key, shuffled(each, order)] as const);
  return Object.fromEntries(
    order % 2 === 0 ? entries.reverse() : [...entries.slice(1), ...entries.slice(0, 1)],
  );
};

test('a grid has the product of its lengths, times the seeds; every run has what its parameters say', () => {
  fc.assert(
    fc.property(grid, seeds, (given, seedsGiven) => {
      const runs = expandSweep(sweepFileSchema.parse({ sweep: { grid: given, seeds: seedsGiven } }));
      const lengths = Object.values(given).map((values) => values.length);
      assert.equal(
        runs.length,
        lengths.reduce((product, each) => product * each, seedsGiven.length),
      );
      assert.equal(new Set(runs.map((run) => run.folderName)).size, runs.length);
      for (const run of runs) {
        for (const [key, value] of Object.entries(run.parameters))
          assert.deepEqual(valueAt(run.config, key), value);
        assert.match(run.hash, /^[0-9a-f]{12}$/);
        assert.match(run.folderName, /^[A-Za-z0-9][\w.-]{0,140}-s\d+-[0-9a-f]{12}$|^s\d+-[0-9a-f]{12}$/);
      }
    }),
    { seed: 1, numRuns: 200 },
  );
});

test('what exclude matches and what it leaves make the whole', () => {
  fc.assert(
    fc.property(grid, seeds, fc.nat(1000), (given, seedsGiven, pick) => {
      const all = expandSweep(sweepFileSchema.parse({ sweep: { grid: given, seeds: seedsGiven } }));
      const out = Object.entries(all[pick % all.length]!.parameters).slice(0, 1 + (pick % 2));
      const isOut = (run: (typeof all)[number]): boolean =>
        out.every(([key, value]) => run.parameters[key] === value);
      const kept = all.filter((run) => !isOut(run));
      fc.pre(kept.length > 0);
      const exclude = [Object.fromEntries(out)];
      const left = expandSweep(sweepFileSchema.parse({ sweep: { grid: given, seeds: seedsGiven, exclude } }));
      assert.deepEqual(left, kept);
    }),
    { seed: 2, numRuns: 200 },
  );
});

test("the hash knows no order of keys and no writing of a number, and changes with any key's value", () => {
  fc.assert(
    fc.property(config, fc.nat(5), fc.constantFrom(...keys), (given, order, key) => {
      assert.equal(hashOfConfig(runConfigSchema.parse(shuffled(given, order))), hashOfConfig(given));
      const [section, name] = key.split('.') as [keyof typeof given, string];
      const other = key === 'data.name' ? 'another set' : Number(valueAt(given, key) ?? 0) / 2 + 0.25;
      const changed = { ...given, [section]: { ...(given[section] as object), [name]: other } };
      if (valueAt(given, key) !== other) assert.notEqual(hashOfConfig(changed), hashOfConfig(given));
    }),
    { seed: 3, numRuns: 200 },
  );
});

test('config.yaml round trip: what a run folder holds parses to the same hash', () => {
  fc.assert(
    fc.property(config, (given) => {
      const read = runConfigSchema.parse(parse(stringify(given), { schema: 'core' }));
      assert.equal(hashOfConfig(read), hashOfConfig(given));
    }),
    { seed: 4, numRuns: 300 },
  );
});

test('an override has the effect of the same value in the file, and its order among others is none', (context) => {
  const folder = scratchFolder({ 'empty.yaml': 'seed: 0\n' }, context);
  const values = fc.record(keyValues, { requiredKeys: [] });
  fc.assert(
    fc.property(values, fc.boolean(), (given, backwards) => {
      const overrides = Object.entries(given).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
      const { file } = loadSweepFile(join(folder, 'empty.yaml'), backwards ? overrides.reverse() : overrides);
      assert.deepEqual(file, sweepFileSchema.parse(nested(given)));
    }),
    { seed: 5, numRuns: 200 },
  );
});

test('random draws stay in their range, whatever the range', () => {
  const range = fc.tuple(rate, rate).filter(([low, high]) => low < high);
  fc.assert(
    fc.property(range, fc.nat(), fc.integer({ min: 1, max: 5 }), (bounds, seed, n) => {
      for (const kind of ['uniform', 'logUniform']) {
        fc.pre(bounds[1] / bounds[0] > 1.001);
        const random = { n, seed, keys: { 'training.learningRate': { [kind]: bounds } } };
        const runs = expandSweep(sweepFileSchema.parse({ sweep: { random } }));
        assert.equal(runs.length, n);
        for (const { config: each } of runs) {
          assert.ok(each.training.learningRate >= bounds[0] && each.training.learningRate <= bounds[1]);
        }
      }
    }),
    { seed: 6, numRuns: 200 },
  );
});
