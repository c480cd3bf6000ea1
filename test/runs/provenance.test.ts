import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import {
  addProvenance,
  keepThreads,
  keptPrecision,
  recordedChecksum,
  threadsBegunWith,
  writeProvenance,
} from '../../src/runs/provenance.ts';

const root = mkdtempSync(join(tmpdir(), 'gcnc-provenance-'));
after(() => rmSync(root, { recursive: true }));

const now = (): Date => new Date('2026-11-24T12:00:00Z');
const read = (folder: string, name: string) => JSON.parse(readFileSync(join(folder, name), 'utf8'));

test("each attempt's env.json stays, the newest under the plain name", () => {
  const folder = mkdtempSync(join(root, 'run-'));
  for (const attempt of [1, 2, 3]) writeProvenance(folder, attempt, { environment: {}, now, cpuFlags: null });
  addProvenance(folder, { tensorflow: '2.21.0', kernels: 'gcnc', dataChecksum: 'abc', device: 'cpu' });
  assert.deepEqual(
    ['env.1.json', 'env.2.json', 'env.json'].map((name) => read(folder, name).attempt),
    [1, 2, 3],
  );
  const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8'));
  assert.equal(read(folder, 'env.json').version, version);
  assert.deepEqual(
    ['env.json', 'env.2.json'].map((name) => [read(folder, name).tensorflow, read(folder, name).kernels]),
    [
      ['2.21.0', 'gcnc'],
      [null, null],
    ],
  );
});

test('a run that goes on keeps the threads that it began with', () => {
  const folder = mkdtempSync(join(root, 'run-'));
  const environment: NodeJS.ProcessEnv = { TF_NUM_INTRAOP_THREADS: '3' };
  keepThreads(folder, environment);
  assert.equal(environment.TF_NUM_INTRAOP_THREADS, '3');
  writeProvenance(folder, 1, { environment, now, cpuFlags: null });
  writeProvenance(folder, 2, { environment: { TF_NUM_INTRAOP_THREADS: '5' }, now, cpuFlags: null });

  const later: NodeJS.ProcessEnv = { TF_NUM_INTRAOP_THREADS: '7' };
  keepThreads(folder, later);
  assert.equal(later.TF_NUM_INTRAOP_THREADS, '3');

  writeFileSync(join(folder, 'env.1.json'), '{"threads": {"intraOp": -1');
  keepThreads(folder, later);
  assert.equal(later.TF_NUM_INTRAOP_THREADS, '5');
});

test('a run that leaves its GPU takes the threads of the machine that it goes on with', () => {
  const folder = mkdtempSync(join(root, 'run-'));
  writeProvenance(folder, 1, { environment: { TF_NUM_INTRAOP_THREADS: '16' }, now, cpuFlags: null });
  addProvenance(folder, { device: 'gpu' });

  const environment: NodeJS.ProcessEnv = {};
  keepThreads(folder, environment, () => false);
  assert.equal(environment.TF_NUM_INTRAOP_THREADS, undefined);
  keepThreads(folder, environment, () => true);
  assert.equal(environment.TF_NUM_INTRAOP_THREADS, '16');
});

test('where nothing is chosen, TensorFlow has a thread a core', () => {
  const folder = mkdtempSync(join(root, 'run-'));
  writeProvenance(folder, 1, { environment: {}, now, cpuFlags: null });
  assert.equal(read(folder, 'env.json').threads.intraOp, availableParallelism());
});

test("0 threads and what is no number are TensorFlow's own choice, and take nothing else of the record away", () => {
  for (const asked of ['0', 'x', '']) {
    const folder = mkdtempSync(join(root, 'run-'));
    const environment = { TF_NUM_INTRAOP_THREADS: asked };
    writeProvenance(folder, 1, { environment, now, cpuFlags: null });
    addProvenance(folder, { trainingPrecision: 'bfloat16', dataChecksum: 'abc' });
    assert.equal(read(folder, 'env.json').threads.intraOp, availableParallelism());
    assert.equal(keptPrecision(folder), 'bfloat16');
    assert.equal(recordedChecksum(folder), 'abc');
  }
});

test('a part of the record that cannot be read takes no other part away', () => {
  const folder = mkdtempSync(join(root, 'run-'));
  const record = { threads: { intraOp: 0 }, trainingPrecision: 'bfloat16', dataChecksum: 'abc' };
  writeFileSync(join(folder, 'env.json'), JSON.stringify(record));
  assert.equal(keptPrecision(folder), 'bfloat16');
  assert.equal(recordedChecksum(folder), 'abc');
  assert.equal(threadsBegunWith(folder), null);
});
