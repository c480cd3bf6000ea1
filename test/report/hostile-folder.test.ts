/** What a stranger's sweep folder names or links to is never written outside of it. */
import assert from 'node:assert/strict';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { writeTensorBoard } from '../../src/report/export/tensorboard.ts';
import { readSweep } from '../../src/report/read-runs.ts';
import { writeReport } from '../../src/report/write-report.ts';
import { scratchFolder } from '../config/scratch.ts';
import { makeSweep } from './sweep-folder.ts';

const made = { learningRates: [0.01, 0.1], seeds: [0], epochs: 2 };

/** A sweep two folders below one that must stay as it is. */
function strangersSweep(context: TestContext) {
  const outside = scratchFolder({}, context);
  const parent = join(outside, 'runs');
  mkdirSync(parent);
  writeFileSync(join(outside, 'kept.csv'), 'precious\n');
  const folder = makeSweep(parent, 'stranger', made);
  const before = readdirSync(outside).sort();
  const untouched = (): void => {
    assert.deepEqual(readdirSync(outside).sort(), before);
    assert.deepEqual(readdirSync(parent), ['stranger']);
    assert.equal(readFileSync(join(outside, 'kept.csv'), 'utf8'), 'precious\n');
  };
  return { outside, folder, untouched };
}

const firstRun = (folder: string): string =>
  join(folder, readdirSync(folder).find((name) => name.startsWith('learningRate'))!);

const changeMetrics = (folder: string, from: RegExp, to: string): void => {
  const path = join(firstRun(folder), 'metrics.jsonl');
  writeFileSync(path, readFileSync(path, 'utf8').replaceAll(from, to));
};

for (const name of ['../../../kept', '..', '/tmp/gcnc-written', 'a/b', '..\\\\kept'])
  test(`a readout called ${name} becomes no path`, async (context) => {
    const { folder, untouched } = strangersSweep(context);
    changeMetrics(folder, /"readout":"[^"]*"/g, `"readout":"${name}"`);
    await writeReport(folder).catch((error: Error) => assert.equal(error.name, 'InputError'));
    writeTensorBoard(readSweep(folder), join(folder, 'export'));
    untouched();
    assert.equal(existsSync('/tmp/gcnc-written.svg'), false);
  });

test('a figures folder that is a link out of the sweep is neither written to nor cleared', async (context) => {
  const { outside, folder, untouched } = strangersSweep(context);
  mkdirSync(join(folder, 'report'), { recursive: true });
  symlinkSync(outside, join(folder, 'report', 'figures'));
  await assert.rejects(writeReport(folder), /a link that leads out of .*; nothing is written there$/);
  untouched();
  rmSync(join(folder, 'report'), { recursive: true });
  symlinkSync(outside, join(folder, 'report'));
  await assert.rejects(writeReport(folder), /a link that leads out of/);
  untouched();
});

test('the same where no run has a figure: what lies there is not taken for figures of an earlier version', async (context) => {
  const { outside, folder } = strangersSweep(context);
  for (const name of readdirSync(folder).filter((each) => each.startsWith('learningRate')))
    rmSync(join(folder, name, 'metrics.jsonl'));
  mkdirSync(join(folder, 'report'), { recursive: true });
  symlinkSync(outside, join(folder, 'report', 'figures'));
  writeFileSync(join(outside, 'own.csv'), 'a\n1\n');
  await assert.rejects(writeReport(folder), /a link that leads out of/);
  assert.ok(existsSync(join(outside, 'own.csv')));
});

test('runs that sweep.yaml puts elsewhere are not read from there', (context) => {
  const { outside, folder } = strangersSweep(context);
  cpSync(firstRun(folder), join(outside, 'elsewhere'), { recursive: true });
  for (const place of ['..', '../../elsewhere', '/etc', '.']) {
    writeFileSync(join(folder, 'sweep.yaml'), `runs:\n  - { folder: ${JSON.stringify(place)} }\n`);
    const { runs } = readSweep(folder);
    assert.ok(
      runs.every((run) => run.folder.startsWith(`${folder}/`)),
      JSON.stringify(runs.map((run) => run.folder)),
    );
  }
});
