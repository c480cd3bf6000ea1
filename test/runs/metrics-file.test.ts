import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { appendMetrics, markMetrics, startsAsMarked, truncateMetrics } from '../../src/runs/metrics-file.ts';

const root = mkdtempSync(join(tmpdir(), 'gcnc-metrics-'));
after(() => rmSync(root, { recursive: true }));

const linesOf = (path: string): unknown[] =>
  readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

test('records are lines, and what came after a mark can be dropped', () => {
  const path = join(root, 'metrics.jsonl');
  appendMetrics(path, { kind: 'epoch', epoch: 1 });
  const mark = markMetrics(path);
  appendMetrics(path, { kind: 'checkpoint', epoch: 1 });
  assert.deepEqual(linesOf(path), [
    { format: 1, kind: 'epoch', epoch: 1 },
    { format: 1, kind: 'checkpoint', epoch: 1 },
  ]);
  assert.ok(startsAsMarked(path, mark));
  truncateMetrics(path, mark);
  assert.deepEqual(markMetrics(path), mark);
});

/** Appends a record of `bytes` to the file in a process whose files may have one block: what is above it the system cuts off. */
function appendBelowLimit(path: string, bytes: number): string {
  const module = JSON.stringify(join(import.meta.dirname, '../../src/runs/metrics-file.ts'));
  const script = `
    import { appendMetrics } from ${module};
    process.on('SIGXFSZ', () => {});
    try {
      appendMetrics(${JSON.stringify(path)}, { kind: 'epoch', text: 'x'.repeat(${bytes}) });
      console.log('written');
    } catch (error) {
      console.log(error.code);
    }`;
  const args = [
    ...process.execArgv.filter((arg) => !arg.startsWith('--test')),
    '--input-type=module',
    '-e',
    script,
  ];
  // In blocks of 512 bytes, or of 1,024 in bash.
  const { stdout, stderr } = spawnSync(
    'sh',
    ['-c', 'ulimit -f 1 && exec "$0" "$@"', process.execPath, ...args],
    {
      encoding: 'utf8',
    },
  );
  assert.notEqual(stdout, '', stderr);
  return stdout.trim();
}

test('a record of which the disk takes a part throws, and the file is as it was', {
  skip: process.platform !== 'linux',
}, () => {
  const path = join(root, 'full.jsonl');
  assert.equal(appendBelowLimit(path, 100), 'written');
  const before = readFileSync(path);
  assert.equal(appendBelowLimit(path, 2_000), 'EFBIG');
  assert.deepEqual(readFileSync(path), before);
  assert.equal(appendBelowLimit(path, 100), 'written');
  assert.equal(linesOf(path).length, 2);
});

test('a line that a killed process left unfinished is cut off with the rest after the mark', () => {
  const path = join(root, 'killed.jsonl');
  appendMetrics(path, { kind: 'epoch', epoch: 1 });
  const mark = markMetrics(path);
  writeFileSync(path, '{"format":1,"kind":"che', { flag: 'a' });
  truncateMetrics(path, mark);
  assert.deepEqual(markMetrics(path), mark);
});
