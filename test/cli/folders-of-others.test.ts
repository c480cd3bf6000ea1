/** Folders of other users, which may only be read or not even that, are refused in one line that says what to do. */
import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { scratchFolder } from '../config/scratch.ts';
import { makeSweep } from '../report/sweep-folder.ts';
import { outputOf, refusalOf } from './in-process.ts';

const sweepIn = (context: TestContext) => {
  const parent = scratchFolder({}, context);
  return { parent, sweep: makeSweep(parent, 'lr', { learningRates: [0.1], seeds: [0] }) };
};

/** Does work with a folder that can be neither read nor searched: root, who may read all, becomes nobody meanwhile. */
async function unreadable(folder: string, work: () => Promise<void>): Promise<void> {
  chmodSync(join(folder, '..'), 0o755);
  chmodSync(folder, 0o000);
  const isRoot = process.geteuid?.() === 0;
  if (isRoot) process.seteuid!(65534);
  try {
    await work();
  } finally {
    if (isRoot) process.seteuid!(0);
    chmodSync(folder, 0o755);
  }
}

test('gcnc report: --out takes the report of a sweep that may only be read, page and figures', async (context) => {
  const { parent, sweep } = sweepIn(context);
  const out = join(parent, 'my', 'report');
  assert.match(await outputOf(['report', sweep, '--out', out]), /report: .*my\/report\/report.html\n$/);
  assert.ok(readdirSync(join(out, 'figures')).length > 0);
  const { report, figures } = JSON.parse(await outputOf(['report', sweep, '--out', out, '--json']));
  assert.equal(report, join(out, 'report.html'));
  for (const path of figures) assert.ok(path.startsWith(join(out, 'figures')) && existsSync(path));
  assert.ok(!existsSync(join(sweep, 'report')));
});

test('gcnc report: where nothing can be written, the line names the folder and --out', async (context) => {
  const { sweep } = sweepIn(context);
  writeFileSync(join(sweep, 'report'), '');
  assert.equal(
    (await refusalOf(['report', sweep])).replace(/\(E\w+\)/, '(E)'),
    `--out ${join(sweep, 'report')}: cannot be written (E); give a path in a folder that can be written`,
  );
  assert.match(
    await refusalOf(['report', sweep, '--out', join(sweep, 'report')]),
    /is a file; give a folder$/,
  );
  assert.match(await refusalOf(['report', sweep, '--out', '/proc/none']), /^--out \/proc\/none: cannot be/);
});

test('gcnc runs and report: a folder that cannot be read is named', async (context) => {
  const { sweep } = sweepIn(context);
  // What the commands load, they load before the user changes.
  await outputOf(['runs', sweep]);
  await outputOf(['report', sweep]);
  await unreadable(sweep, async () => {
    for (const command of ['runs', 'report'])
      assert.equal(await refusalOf([command, sweep]), `${sweep}: cannot be read (EACCES)`);
  });
});

test('gcnc runs: among folders of sweeps, those that can be read are shown', async (context) => {
  const { parent, sweep } = sweepIn(context);
  const other = join(parent, 'other');
  mkdirSync(other);
  await unreadable(other, async () => {
    const shown = await outputOf(['runs', parent]);
    assert.match(shown, /learningRate=0.1/);
    assert.ok(shown.includes(`! ${other}: cannot be read (EACCES)`), shown);
  });
  rmSync(sweep, { recursive: true });
  await unreadable(other, async () => {
    assert.equal(await refusalOf(['runs', parent]), `${other}: cannot be read (EACCES)`);
  });
});
