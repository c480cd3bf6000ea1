import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, describe, test } from 'node:test';
import { readSweep } from '../../src/report/read-runs.ts';
import { writeReport } from '../../src/report/write-report.ts';
import { runPaths } from '../../src/runs/paths.ts';
import { type MadeSweep, makeSweep, troubled } from './sweep-folder.ts';

const parent = mkdtempSync(join(tmpdir(), 'gcnc-report-'));
after(() => rmSync(parent, { recursive: true }));

const pageOf = async (name: string, made: MadeSweep): Promise<string> =>
  readFileSync(await writeReport(makeSweep(parent, name, made)), 'utf8');

/** The page's words. */
const textOf = (page: string): string =>
  page
    .replaceAll(/<style>.*?<\/style>|<svg.*?<\/svg>/gs, '')
    .replaceAll(/<[^>]*>/g, '')
    .replaceAll(/\s+/g, ' ');

const study: MadeSweep = { learningRates: [0.005, 0.01, 0.02, 0.05, 0.1], seeds: [0, 1, 2] };

describe('the report answers the question', () => {
  test('what moved from the lowest to the highest rate, and the verdict on the chain', async () => {
    const text = textOf(await pageOf('chain', study));
    assert.match(
      text,
      /As learningRate goes from 0\.005 to 0\.1, source GC falls from 59 ±[\d.]+ to 15\.1 ±[\d.]+, target CDNV falls/,
    );
    assert.match(
      text,
      /Consistent with the reported trend in every link of the chain, over 5 configurations\./,
    );
    // Five configurations in perfect order: p = 2/120.
    assert.match(
      text,
      /learningRate → source GC −1\.00 \[−1\.00, [+−]?0\.\d\d\], p 0\.017 reported trend: consistent Spearman, 5 configurations \(15 runs\)/,
    );
  });

  test('three configurations of three seeds are too few, however clear', async () => {
    const text = textOf(await pageOf('few', { learningRates: [0.003, 0.01, 0.03], seeds: [0, 1, 2] }));
    assert.match(text, /Too few configurations to say: 3 of the 5 that a verdict needs\./);
    assert.ok(!/Consistent with the reported trend/.test(text));
  });

  test('the opposite is called not reproduced', async () => {
    const page = await pageOf('opposite', {
      ...study,
      change: (records, run) => {
        const complexity = 10 + [0.005, 0.01, 0.02, 0.05, 0.1][Math.floor(run / 3)]! * 100 + run / 100;
        return JSON.parse(JSON.stringify(records).replace(/"value":[\d.]+/g, `"value":${complexity}`));
      },
    });
    assert.match(
      textOf(page),
      /Not reproduced in this setting: the opposite of the reported trend in learningRate → source GC.*, over 5 configurations\./,
    );
  });

  test('one run: no trend, no interval, and it says so', async () => {
    const text = textOf(await pageOf('single', { learningRates: [0.01], seeds: [0] }));
    assert.match(text, /1 of 1 run done, 1 configuration/);
    assert.match(text, /one finished seed in every configuration: no interval over seeds/);
    assert.match(text, /Too few configurations to say .* 1 run finished, a verdict needs 5 configurations/);
    assert.match(text, /Nothing to draw: a scatter plot needs two finished runs/);
  });

  test('what the machines of some runs have is not said of all', async () => {
    const folder = makeSweep(parent, 'machines', { learningRates: [0.01], seeds: [0, 1, 2] });
    const path = runPaths(readSweep(folder).runs[0]!.folder).environment;
    writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), gpus: ['Example GPU'] }));
    const text = textOf(readFileSync(await writeReport(folder), 'utf8'));
    assert.match(text, /\[&quot;Example GPU&quot;\] \(1 run\); none \(2 runs\)/);
    assert.match(text, /v20\.20\.2/);
    assert.ok(!/v20\.20\.2 \(/.test(text));
  });

  test('failed, interrupted and pending runs and undefined values come before the answer', async () => {
    const page = await pageOf('trouble', troubled);
    const text = textOf(page);
    assert.match(text, /seed=0-\w+: failed, loss is NaN at step 240/);
    assert.match(text, /seed=1-\w+: interrupted, stopped on request/);
    assert.match(text, /1 of 6 runs pending: the numbers are not final/);
    assert.match(text, /target CDNV: NaN or undefined in 1 of 3 runs/);
    assert.ok(page.indexOf('loss is NaN') < page.indexOf('id="answer"'));
    assert.ok(
      !/NaN|undefined|Infinity/.test(page.slice(page.indexOf('id="results"'), page.indexOf('id="runs"'))),
    );
  });

  test('long lists of problems are folded, none is lost', async () => {
    const states = Object.fromEntries(
      Array.from({ length: 30 }, (_, run) => [
        run,
        { state: 'failed' as const, reason: `out of memory ${run}` },
      ]),
    );
    const page = await pageOf('many-failed', {
      learningRates: [0.01, 0.05, 0.1],
      seeds: [...Array(11).keys()],
      states,
    });
    assert.match(page, /<summary>and \d+ more<\/summary>/);
    for (let run = 0; run < 30; run++) assert.ok(page.includes(`failed, out of memory ${run}<`), String(run));
  });
});

describe('the files of a report', () => {
  test('the page asks for nothing outside, and each figure has its drawing, numbers and specification', async () => {
    const path = await writeReport(makeSweep(parent, 'files', study));
    const page = readFileSync(path, 'utf8');
    const addresses = [...page.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, address]) => address!);
    const files = addresses.filter((address) => address.startsWith('figures/'));
    assert.deepEqual(
      addresses.filter((address) => !/^(#|figures\/|data:,)/.test(address)),
      [],
    );
    assert.ok(!/<script|@import|url\((?!#)/.test(page));
    const ids = [...page.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id!);
    assert.equal(new Set(ids).size, ids.length);
    const used = [...page.matchAll(/url\(#([^)]*)\)/g)].map(([, id]) => id!);
    assert.ok(used.length > 10 && used.every((id) => ids.includes(id)));
    assert.equal(files.length, 3 * 23);
    assert.ok(files.every((file) => existsSync(join(dirname(path), file))));
    assert.equal(readdirSync(join(dirname(path), 'figures')).length, files.length);
  });

  test("the numbers beside a figure are the records', unrounded", async () => {
    const folder = makeSweep(parent, 'numbers', { learningRates: [0.01], seeds: [0], epochs: 2 });
    await writeReport(folder);
    const run = readSweep(folder).runs[0]!;
    const csv = readFileSync(join(folder, 'report', 'figures', 'nearestMean-by-step.csv'), 'utf8');
    const rows = csv
      .trim()
      .split('\r\n')
      .map((line) => line.split(','));
    assert.deepEqual(rows[0], ['configuration', 'step', 'quantity', 'mean', 'low', 'high', 'n']);
    for (const { step, measures } of run.checkpoints) {
      const { errorOverClasses, cdnvBound } = measures.find(({ split }) => split === 'sourceTest')!
        .nearestMean!;
      const at = (quantity: RegExp) =>
        rows.find((row) => row[1] === String(step) && quantity.test(row[2]!))![3];
      assert.equal(at(/^test error/), String(errorOverClasses));
      assert.equal(at(/CDNV/), String(cdnvBound));
    }
  });

  test('a figure that the sweep no longer has is removed', async () => {
    const folder = makeSweep(parent, 'stale', study);
    await writeReport(folder);
    const stale = join(folder, 'report', 'figures', 'of-before.svg');
    const foreign = join(folder, 'report', 'figures', 'notes.txt');
    for (const path of [stale, foreign]) writeFileSync(path, '');
    await writeReport(folder);
    assert.ok(!existsSync(stale) && existsSync(foreign));
  });

  test('names and reasons cannot become markup', async () => {
    const folder = makeSweep(parent, '<img src=x onerror=alert(1)>', {
      learningRates: [0.01],
      seeds: [0],
      states: { 0: { state: 'failed', reason: '</ul><script>alert("1")</script>' } },
    });
    const page = readFileSync(await writeReport(folder), 'utf8');
    assert.ok(!/<img|<script/.test(page));
    assert.match(page, /&lt;script&gt;alert\(&quot;1&quot;\)/);
  });

  test('a run that goes on while the report is written does no harm', async () => {
    const folder = makeSweep(parent, 'cut', { learningRates: [0.01], seeds: [0, 1] });
    const { metrics, status } = runPaths(readSweep(folder).runs[0]!.folder);
    writeFileSync(metrics, `${readFileSync(metrics, 'utf8')}{"kind":"epo`);
    writeFileSync(status, readFileSync(status, 'utf8').replace('"done"', '"interrupted"'));
    assert.match(textOf(readFileSync(await writeReport(folder), 'utf8')), /1 of 2 runs done/);
  });
});
