import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { runConfigSchema } from '../../src/config/schema.ts';
import { diagnostics } from '../../src/diagnostics.ts';
import { makeNetwork } from '../../src/models/models.ts';
import { warnOfSingleValues } from '../../src/training/single-values.ts';

const { model } = runConfigSchema.parse({ model: { name: 'resnet10', width: 4 } });

const warningsOf = (t: TestContext, side: number, examples: number, batchSize: number): readonly string[] => {
  const warned = t.mock.method(diagnostics, 'warn', () => {});
  warnOfSingleValues(makeNetwork(model, [side, side, 3], 2), examples, batchSize);
  const said = warned.mock.calls.map((call) => String(call.arguments[0]));
  warned.mock.restore();
  return said;
};

test('a batch of one image, of which a batch norm sees one position, is told with the layer', (t) => {
  // Images of 8 pixels are one position in stage 4.
  const [said, ...more] = warningsOf(t, 8, 9, 4);
  assert.deepEqual(more, []);
  assert.match(
    said!,
    /^training\.batchSize 4: 9 images leave a batch of one, of which layer4\.0\.bn1 sees one value/,
  );
  assert.equal(warningsOf(t, 8, 9, 1).length, 1);
});

test('two images, or two positions, are none', (t) => {
  assert.deepEqual(warningsOf(t, 8, 8, 4), []);
  assert.deepEqual(warningsOf(t, 8, 10, 4), []);
  assert.deepEqual(warningsOf(t, 16, 9, 4), []);
});
