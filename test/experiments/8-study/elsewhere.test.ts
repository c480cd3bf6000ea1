import assert from 'node:assert/strict';
import { test } from 'node:test';
import { elsewhereText } from '../../../experiments/8-study/elsewhere.ts';
import { cellsOf, madeStudy, pointsOf, regimeRuns } from './synthetic-study.ts';

/** Five configurations: at the embedding GC goes with CDNV and accuracy against it, at layer1 and on MNIST the other way round. */
const values = [1, 2, 3, 4, 5].map((n) => ({
  ...{ sourceGc: 10 * n, targetCdnv: n, targetCdnvDirectional: n / 10 },
  ...{ '5way_5shot_logistic': 1 - n / 10, '5way_5shot_nearest-mean': 0.5, '5way_5shot_fine-tune': 0.6 },
  ...{ at_sourceTrain_layer1_gc: n, at_sourceTrain_layer1_cdnv: n },
  ...{
    at_target_layer1_cdnv: -n,
    at_target_layer1_cdnvDirectional: n,
    at_target_layer1_5way_5shot_logistic: n / 10,
  },
  ...{ at_mnist_test_embedding_cdnv: 6 - n, at_mnist_test_embedding_5way_5shot_logistic: n / 10 },
}));
const studies = [madeStudy('elsewhere-cifar-fs', pointsOf(values))];

test('there is one row per target and layer, the own target first and the embedding last', () => {
  const rows = cellsOf(elsewhereText([regimeRuns('e', studies)])).slice(2);
  assert.deepEqual(
    rows.map((cells) => cells.slice(0, 2)),
    [
      ['own target', 'layer1'],
      ['own target', 'embedding'],
      ['mnist test', 'embedding'],
    ],
  );
  const [layer, embedding, mnist] = rows;
  assert.deepEqual(embedding!.slice(2, 8), [
    ...['10.0 to 50.0', '1.00 to 5.00', '0.100 to 0.500'],
    ...['50.0 to 90.0', '50.0 to 50.0', '60.0 to 60.0'],
  ]);
  assert.deepEqual([layer![2], layer![7]], ['1.00 to 5.00', '-']);
  assert.match(embedding![8]!, /^\+1\.00 .*n = 5: consistent$/);
  assert.match(embedding![9]!, /^−1\.00 .*: consistent$/);
  assert.match(layer![8]!, /^−1\.00 .*: opposite$/);
  assert.match(mnist![8]!, /^−1\.00 .*: opposite$/);
  assert.match(mnist![9]!, /^−1\.00 .*: consistent$/);
});

test('without runs of the regime there is no table', () => {
  assert.equal(elsewhereText([regimeRuns('e', [])]), 'Not run.');
  assert.equal(elsewhereText([regimeRuns('b', studies)]), 'Not run.');
});
