/** A file in place of a folder, a sweep in place of a run, one table of two: the line says what is there and what is needed. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { scratchFolder } from '../config/scratch.ts';
import { makeSweep } from '../report/sweep-folder.ts';
import { refusalOf } from './in-process.ts';

test('gcnc sweep: --out is a folder, also where nothing is run', async (context) => {
  const folder = scratchFolder({ 'a.yaml': 'data: { name: glyphs }\n', file: '' }, context);
  const out = join(folder, 'file');
  for (const further of [[], ['--dry-run'], ['--status']])
    assert.equal(
      await refusalOf(['sweep', join(folder, 'a.yaml'), '--out', out, ...further]),
      `--out ${out}: is a file; give a folder`,
    );
});

test('gcnc compare: a table needs a second one', async (context) => {
  const folder = scratchFolder({ 'a.csv': 'evaluated\n' }, context);
  const table = join(folder, 'a.csv');
  for (const args of [[table], [table, folder], [table, table, table]])
    assert.equal(
      await refusalOf(['compare', ...args]),
      `${table}: is a table, of which two are compared, and nothing else; give two tables of gcnc eval --per-episode`,
    );
});

test('gcnc import: what a .pth must be is said; a .pth of safetensors is read as such', async (context) => {
  const folder = scratchFolder(
    { 'notpt.pth': 'some text, not weights', 'named.pth': Buffer.from('\x02\0\0\0\0\0\0\0{}') },
    context,
  );
  const refusal = (name: string): Promise<string> =>
    refusalOf(['import', join(folder, name), '--model', 'resnet18', '--out', join(folder, 'out')]);
  assert.equal(
    await refusal('notpt.pth'),
    `${join(folder, 'notpt.pth')}: is no file of torch.save, neither a zip archive nor a pickle; in Python: torch.save(model.state_dict(), 'model.pth')`,
  );
  assert.doesNotMatch(await refusal('named.pth'), /torch\.save/);
});

test('a file and a sweep are no checkpoint: the line says what to give', async (context) => {
  const folder = scratchFolder({ 'tiny.yaml': 'data: { name: glyphs }\n' }, context);
  const sweep = makeSweep(folder, 'tiny', { learningRates: [0.1], seeds: [0] });
  assert.ok(existsSync(join(sweep, 'sweep.yaml')));
  const wanted = 'give a run or a checkpoint, such as runs/<sweep>/<run> or its checkpoints/<step>';
  const file = join(folder, 'tiny.yaml');
  for (const args of [['measure'], ['eval'], ['embed', '--out', join(folder, 'e.npz')]]) {
    const [command, ...further] = args as [string, ...string[]];
    assert.equal(await refusalOf([command, file, ...further]), `${file}: is a file; ${wanted}`);
    assert.equal(
      await refusalOf([command, sweep, ...further]),
      `${sweep}: is a sweep's folder; ${wanted} ('gcnc runs ${sweep}' lists its runs)`,
    );
  }
  assert.deepEqual(readdirSync(folder).sort(), ['tiny', 'tiny.yaml']);
});
