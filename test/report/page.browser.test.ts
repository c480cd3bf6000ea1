import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';
import { aggregate } from '../../src/report/aggregate.ts';
import { allFigures } from '../../src/report/figures/all-figures.ts';
import { readSweep } from '../../src/report/read-runs.ts';
import { writeReport } from '../../src/report/write-report.ts';
import { check, openPage, startChromium, withoutChromium } from './browser.ts';
import { type MadeSweep, makeSweep } from './sweep-folder.ts';

const parent = mkdtempSync(join(tmpdir(), 'gcnc-page-'));
after(() => rmSync(parent, { recursive: true }));

const sweeps: Readonly<Record<string, MadeSweep>> = {
  study: { learningRates: [0.005, 0.01, 0.05, 0.1], seeds: [0, 1, 2], shots: [1, 5] },
  'many-configurations': {
    learningRates: Array.from({ length: 12 }, (_, i) => 0.002 * 1.6 ** i),
    seeds: [0, 1],
  },
  'one-run': { learningRates: [0.01], seeds: [0] },
  'failed-and-NaN': {
    learningRates: [0.01, 0.05, 0.1],
    seeds: [0, 1],
    states: { 0: { state: 'failed', reason: 'loss is NaN at step 240' }, 1: { state: 'interrupted' } },
    change: (records, run) =>
      run === 3 ? JSON.parse(JSON.stringify(records).replace(/"cdnv":[\d.]+/g, '"cdnv":null')) : records,
  },
  'none-finished': {
    learningRates: [0.01],
    seeds: [0],
    states: { 0: { state: 'failed', reason: 'disk full' } },
  },
};

describe('the report in Chromium', { skip: withoutChromium }, () => {
  let browser: Browser;
  before(async () => {
    browser = await startChromium();
  });
  after(() => browser.close());

  for (const [name, made] of Object.entries(sweeps)) {
    test(`${name}: every figure, no complaint, nothing overlaps or is cut, at 400 and 1,600 px, light and dark`, async () => {
      const folder = makeSweep(parent, name, made);
      const url = pathToFileURL(await writeReport(folder)).href;
      const figures = allFigures(aggregate(readSweep(folder)));
      for (const width of [400, 1600]) {
        for (const scheme of ['light', 'dark'] as const) {
          const { page, complaints } = await openPage(browser, url, { width, scheme });
          const where = `${name}, ${width} px, ${scheme}`;
          assert.deepEqual(complaints, [], where);
          const { texts, found } = await check(page, 'overlaps');
          assert.ok(texts > 40, where);
          assert.deepEqual(found, [], where);
          assert.deepEqual(await check(page, 'cut'), [], where);
          const { ratio, text } = await check(page, 'contrast');
          assert.ok(ratio >= 4.5, `${where}: contrast ${ratio.toFixed(2)} of ${text}`);
          assert.deepEqual(
            new Map((await check(page, 'figures')).map((figure) => [figure.id, figure])),
            new Map(
              figures.map(({ id }) => [
                `figure-${id}`,
                { id: `figure-${id}`, wide: true, marks: true, named: true },
              ]),
            ),
            where,
          );
          await page.close();
        }
      }
    });
  }

  test('the keyboard reaches every link, fold and table, and shows where it is', async () => {
    const folder = makeSweep(parent, 'keyboard', { learningRates: [0.01, 0.1], seeds: [0] });
    const url = pathToFileURL(await writeReport(folder)).href;
    const { page } = await openPage(browser, url, { width: 400, scheme: 'light' });
    const expected = await check(page, 'stops');
    assert.ok(expected > 40, String(expected));
    const seen = new Set<string>();
    for (let press = 0; press < expected; press++) {
      await page.keyboard.press('Tab');
      const at = await check(page, 'focus');
      if (press === 0) assert.equal(at.text, 'Skip to the results');
      assert.ok(at.seen && at.outlined, `press ${press}: ${JSON.stringify(at)}`);
      seen.add(String(at.index));
    }
    assert.equal(seen.size, expected);
    assert.ok(!seen.has('-1'));
    await page.close();
  });

  test('links to sections and to the files of figures lead somewhere', async () => {
    const folder = makeSweep(parent, 'links', { learningRates: [0.01, 0.1], seeds: [0, 1] });
    const url = pathToFileURL(await writeReport(folder)).href;
    const { page } = await openPage(browser, url, { width: 1600, scheme: 'light' });
    assert.deepEqual(await check(page, 'lostLinks'), []);
    const files = await check(page, 'files');
    assert.ok(files.length > 20 && files.every((file) => existsSync(new URL(file))));
    await page.close();
  });
});
