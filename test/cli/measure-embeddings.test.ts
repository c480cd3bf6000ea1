import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, describe, it } from 'node:test';
import { readNpz, writeNpz } from '../../src/formats/npz.ts';
import { outputOf, refusalOf } from './in-process.ts';

const root = mkdtempSync(join(tmpdir(), 'gcnc-measure-embeddings-'));
after(() => rmSync(root, { recursive: true }));
const main = resolve(import.meta.dirname, '../../src/cli/main.ts');

const watch = join(root, 'watch.mjs');
writeFileSync(
  watch,
  `const open = process.dlopen;
process.dlopen = (...args) => {
  process.stderr.write(\`opens \${args[1]}\\n\`);
  return open.apply(process, args);
};
`,
);
/** In a process of its own, which says what it loads. */
const measureApart = (...args: string[]) =>
  spawnSync(process.execPath, ['--import', 'tsx', main, 'measure', ...args], {
    encoding: 'utf8',
    env: { ...process.env, GCNC_DEBUG: '', NODE_OPTIONS: `--import=${watch}` },
  });

const fixtures = new URL('../measures/fixtures/', import.meta.url).pathname;
const scoresFolder = new URL('../measures/transfer-scores/fixtures/', import.meta.url).pathname;
const written = (name: string, arrays: Parameters<typeof writeNpz>[1]): string => {
  const file = join(root, `${name}.npz`);
  writeNpz(file, arrays);
  return file;
};
const close = (found: number, wanted: number, what: string): void =>
  assert.ok(Math.abs(found - wanted) <= 1e-6 * Math.abs(wanted), `${what}: ${found}, not ${wanted}`);

describe('gcnc measure EMBEDDINGS.npz', () => {
  const stored = readNpz(`${fixtures}neural-collapse.npz`);
  const array = (name: string) => stored.get(`unbalanced.${name}`)!;
  const [embeddings, labels, weight, bias] = [
    array('values'),
    array('labels'),
    array('weights'),
    array('bias'),
  ];
  const file = written('with-classifier', {
    embeddings,
    labels,
    classifier_weight: weight,
    classifier_bias: bias,
  });

  // By the definitions, row by row.
  const numbers = (name: string): number[] => Array.from(array(name).values, Number);
  const [x, classes, w, b] = [numbers('values'), numbers('labels'), numbers('weights'), numbers('bias')];
  const rows = classes.map((label, i) => {
    const logits = b.map((start, c) =>
      x.slice(12 * i, 12 * i + 12).reduce((sum, value, k) => sum + value * w[12 * c + k]!, start),
    );
    const [own, largest] = [logits[label]!, Math.max(...logits)];
    const loss = -Math.log(1 / logits.reduce((sum, logit) => sum + Math.exp(logit - own), 0));
    return { loss, right: own === largest ? 1 : 0 };
  });
  const fromRows = {
    loss: rows.reduce((sum, { loss }) => sum + loss, 0) / 54,
    accuracy: rows.reduce((sum, { right }) => sum + right, 0) / 54,
  };

  it("has NumPy's neural collapse, with the file's classifier, and does not load TensorFlow", () => {
    const { status, stdout, stderr } = measureApart(file, '--json');
    assert.equal(status, 0, stderr);
    assert.doesNotMatch(stderr, /tfjs_binding/);
    const record = JSON.parse(stdout);
    const wanted = JSON.parse(readFileSync(`${fixtures}neural-collapse.json`, 'utf8')).unbalanced;
    for (const key of ['cdnv', 'nc1', 'nc2Equinorm', 'nc3SelfDuality', 'nc4Disagreement'])
      close(record.neuralCollapse[key], wanted[key], key);
    assert.equal(record.geometricComplexity, null);
    for (const key of ['classesMatchedBy', 'sharedClasses', 'pooling', 'dataMatchesTraining', 'layer'])
      assert.equal(record[key], null, key);
    assert.match(record.neuralCollapse.undefinedBecause.geometricCollapse, /was not measured/);
    assert.match(record.neuralCollapse.undefinedBecause.leep, /logits are not known/);
    close(record.loss, fromRows.loss, 'loss');
    assert.equal(record.accuracy, fromRows.accuracy);
  });

  it('has the published transfer scores, with the logits of the file', async () => {
    const scores = readNpz(`${scoresFolder}transfer-scores.npz`);
    const withLogits = written('with-logits', {
      embeddings: scores.get('random.embeddings')!,
      labels: scores.get('random.labels')!,
      logits: scores.get('random.logits')!,
    });
    const record = JSON.parse(await outputOf(['measure', withLogits, '--json']));
    const wanted = JSON.parse(readFileSync(`${scoresFolder}transfer-scores.json`, 'utf8')).random;
    for (const key of Object.keys(wanted)) close(record.neuralCollapse[key], wanted[key], key);
    assert.deepEqual([record.loss, record.accuracy], [null, null]);
  });

  it('writes pairs of classes, and a table for people', async () => {
    const pairs = join(root, 'pairs.csv');
    const stdout = await outputOf(['measure', file, '--pairs', pairs]);
    assert.match(stdout, /: 54 embeddings of dimension 12$/m);
    assert.match(stdout, /CDNV {2,}\d/);
    assert.equal(readFileSync(pairs, 'utf8').trim().split('\r\n').length, 1 + 10);
  });

  it('refuses with one line and exit code 2: what needs a network, and arrays that do not fit', async () => {
    for (const [args, message] of [
      [[file, '--layer', 'layer3'], /--layer: .*holds embeddings already; allowed are --json and --pairs/],
      [[file, '--estimator', 'exact'], /--estimator: /],
      [[join(root, 'none.npz')], /none.npz: no such file$/],
      [
        [written('bias', { embeddings, labels, classifier_bias: bias })],
        /classifier_bias: there is no classifier_weight beside it/,
      ],
      [
        [written('weight', { embeddings, labels, classifier_weight: bias })],
        /classifier_weight: expected \[5, 12\], one row per class, found \[5\]/,
      ],
      [
        [written('logits', { embeddings, labels, logits: weight })],
        /logits: expected \[54, 12\], one row per embedding, found \[5, 12\]/,
      ],
    ] as const)
      assert.match(await refusalOf(['measure', ...args]), message);
  });
});
