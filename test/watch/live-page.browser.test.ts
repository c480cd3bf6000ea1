import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { readSweep } from '../../src/report/read-runs.ts';
import { runPaths } from '../../src/runs/paths.ts';
import { watchSweep } from '../../src/watch/watch-sweep.ts';
import { check, openPage, startChromium, withoutChromium } from '../report/browser.ts';
import { makeSweep } from '../report/sweep-folder.ts';

const parent = mkdtempSync(join(tmpdir(), 'gcnc-live-'));
after(() => rmSync(parent, { recursive: true }));

describe('the live page in Chromium', { skip: withoutChromium }, () => {
  test('follows the runs without being loaded again, keeps focus and folds, and says when the watch ends', async () => {
    const folder = makeSweep(parent, 'live', { learningRates: [0.01, 0.05, 0.1], seeds: [0, 1], epochs: 3 });
    const { runs } = readSweep(folder);
    const last = runPaths(runs[5]!.folder);
    const [status, metrics] = [last.status, last.metrics].map((path) => readFileSync(path, 'utf8'));
    // The last run is at its first epoch, in a process that is gone.
    writeFileSync(last.status, status!.replace('"done"', '"interrupted"'));
    writeFileSync(last.metrics, `${metrics!.split('\n')[0]}\n`);
    const watched = await watchSweep(folder, 0);
    const browser = await startChromium();
    try {
      for (const width of [400, 1600]) {
        for (const scheme of ['light', 'dark'] as const) {
          const { page, complaints } = await openPage(browser, watched.url, { width, scheme });
          const where = `${width} px, ${scheme}`;
          await page.getByRole('status').filter({ hasText: 'live: 5 done, 1 interrupted' }).waitFor();
          assert.deepEqual(complaints, [], where);
          assert.deepEqual((await check(page, 'overlaps')).found, [], where);
          assert.deepEqual(await check(page, 'cut'), [], where);
          assert.ok((await check(page, 'contrast')).ratio >= 4.5, where);
          assert.equal((await check(page, 'figures')).length, 23, where);
          await page.close();
        }
      }
      const { page, complaints } = await openPage(browser, watched.url, { width: 1600, scheme: 'light' });
      assert.match((await page.textContent('#standing'))!, /^5 of 6 runs done/);
      await page.locator('summary').first().click();
      await page.locator('#figure-final-sourceGc a').first().focus();
      writeFileSync(last.metrics, metrics!);
      writeFileSync(last.status, status!);
      await page.getByRole('status').filter({ hasText: 'live: 6 done' }).waitFor();
      await page.locator('#standing').filter({ hasText: '6 of 6 runs done' }).waitFor();
      await page.locator('#results').getByText('2/2').nth(5).waitFor();
      assert.equal(await page.locator('#problems').isVisible(), false);
      assert.equal(await page.locator('details').first().getAttribute('open'), '');
      const focus = await check(page, 'focus');
      assert.equal(focus.text, 'svg');
      assert.deepEqual(complaints, []);
      await watched.close();
      await page.getByRole('status').filter({ hasText: 'gcnc watch has ended' }).waitFor();
    } finally {
      await browser.close();
      await watched.close();
    }
  });
});
