import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, it } from 'node:test';
import { openRunLog, readRunLog } from '../../src/runs/run-log.ts';

const root = mkdtempSync(join(tmpdir(), 'gcnc-run-log-'));
after(() => rmSync(root, { recursive: true }));

it('a line of log.jsonl is on the disk at once, with its time, and a later log goes on after it', () => {
  const path = join(root, 'log.jsonl');
  openRunLog(path).info({ kind: 'epoch', step: 9, imagesPerSecond: null });
  openRunLog(path).info({ kind: 'measure', step: 9 });
  const lines = readFileSync(path, 'utf8').trim().split('\n');
  const [first, second] = lines.map((line) => JSON.parse(line));
  assert.ok(Math.abs(Date.parse(first.time) - Date.now()) < 60_000);
  assert.deepEqual(
    { ...first, time: 0 },
    { level: 'info', time: 0, kind: 'epoch', step: 9, imagesPerSecond: null },
  );
  assert.equal(second.kind, 'measure');
});

it('a full disk throws where the line is written', { skip: process.platform !== 'linux' }, () => {
  const path = join(root, 'full.jsonl');
  symlinkSync('/dev/full', path);
  assert.throws(() => openRunLog(path).info({ kind: 'epoch' }), /ENOSPC/);
});

it('reads back what was written, without lines that are damaged or cut off', () => {
  const path = join(root, 'read.jsonl');
  assert.deepEqual(readRunLog(path), []);
  const before = Date.now();
  openRunLog(path).info({ kind: 'epoch', step: 9, imagesPerSecond: 640.5 });
  appendFileSync(path, 'null\n{"step":"9","imagesPerSecond":null}\n{"kind":"epoch","imagesPer');
  const [first, second, ...others] = readRunLog(path);
  assert.ok(first!.timeMs! >= before && first!.timeMs! <= Date.now());
  assert.deepEqual({ ...first, timeMs: 0 }, { timeMs: 0, step: 9, imagesPerSecond: 640.5 });
  assert.deepEqual(second, { timeMs: null, step: null, imagesPerSecond: null });
  assert.deepEqual(others, []);
});
