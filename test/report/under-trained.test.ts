import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { aggregate } from '../../src/report/aggregate.ts';
import { correlationTable } from '../../src/report/html/answers.ts';
import { readSweep } from '../../src/report/read-runs.ts';
import { summaryText } from '../../src/report/summary.ts';
import { makeSweep } from './sweep-folder.ts';

const parent = mkdtempSync(join(tmpdir(), 'gcnc-under-trained-'));
after(() => rmSync(parent, { recursive: true }));

test('where no more than one configuration is trained, nothing is said of the trained ones: not the value of all', () => {
  const folder = makeSweep(parent, 'one', {
    learningRates: [0.01, 0.02, 0.03, 0.04, 0.05],
    seeds: [0, 1],
    epochs: 2,
    change: (records, run) =>
      run < 2
        ? records
        : JSON.parse(JSON.stringify(records).replace(/"(accuracy|trainAccuracy)":[\d.]+/g, '"$1":0.3')),
  });
  const results = aggregate(readSweep(folder));
  assert.equal(results.finished.filter(({ underTrained }) => underTrained !== null).length, 8);
  const table = correlationTable(results).markup;
  assert.match(table, /without under-trained/);
  const row = table.split('<tr>').find((text) => text.includes('source GC → target CDNV'))!;
  assert.match(row, /<td class="text">– \(1 configuration\)<\/td>/);
  const within = /\((\d+) runs of (\d+) configurations\)/.exec(row);
  assert.deepEqual(within?.slice(1), ['10', '5']);
  const text = summaryText(results, { terminal: false, coloured: false });
  assert.match(text, /without † +– +1\n/);
});
