import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { InputError } from '../../src/input-error.ts';
import { acquireLock, lockHolder } from '../../src/runs/lock.ts';
import { identityOf } from '../../src/runs/process-identity.ts';
import { startPulse } from '../../src/runs/pulse.ts';

const root = mkdtempSync(join(tmpdir(), 'gcnc-lock-'));
after(() => rmSync(root, { recursive: true }));
const freshFolder = (): string => mkdtempSync(join(root, 'run-'));

const heldBy = (folder: string, owner: object, heartbeatAgoMs: number): void => {
  const place = join(folder, 'lock', '3');
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, 'owner.json'), JSON.stringify({ ...owner, token: 'theirs' }));
  writeFileSync(join(place, 'heartbeat'), '');
  const then = (Date.now() - heartbeatAgoMs) / 1000;
  for (const name of ['owner.json', 'heartbeat']) utimesSync(join(place, name), then, then);
};

test('a lock is held once, and free after its release', () => {
  const folder = freshFolder();
  assert.equal(lockHolder(folder), null);
  const lock = acquireLock(folder);
  assert.ok(lock);
  assert.equal(acquireLock(folder), null);
  assert.equal(lockHolder(folder)?.owner?.pid, process.pid);
  assert.ok(lock.heartbeat());
  lock.release();
  assert.equal(lockHolder(folder), null);
  assert.equal(acquireLock(folder)?.generation, 2);
  assert.deepEqual(readdirSync(join(folder, 'lock')), ['2']);
});

test('processes that die holding the lock lose no update: nobody has it twice', async () => {
  const folder = freshFolder();
  writeFileSync(join(folder, 'counter'), '0');
  const worker = join(import.meta.dirname, 'fixtures', 'lock-worker.ts');
  const workers = Array.from({ length: 4 }, () =>
    spawn(process.execPath, ['--import', 'tsx', worker, folder, '40'], { stdio: 'inherit' }),
  );
  const ends = await Promise.all(workers.map((each) => once(each, 'exit')));
  assert.deepEqual(
    ends.map(([, signal]) => signal),
    Array(4).fill('SIGKILL'),
  );
  assert.equal(readFileSync(join(folder, 'counter'), 'utf8'), '160');
});

test('a holder on another machine is believed while its heartbeat is young', () => {
  const folder = freshFolder();
  heldBy(folder, { ...identityOf(process.pid), host: 'elsewhere' }, 20_000);
  assert.equal(acquireLock(folder, 60_000), null);
  assert.equal(lockHolder(folder, 60_000)?.owner?.host, 'elsewhere');
  assert.equal(acquireLock(folder, 10_000)?.generation, 4);
});

test('a holder that calculates without a pause still shows life', async () => {
  const folder = freshFolder();
  const lock = acquireLock(folder)!;
  const stop = startPulse(lock.heartbeatPath, 5);
  const before = statSync(lock.heartbeatPath).mtimeMs;
  const cell = new Int32Array(new SharedArrayBuffer(4));
  // The thread needs a moment to start; nothing here gives the main thread's timers a turn.
  const beaten = (): boolean => statSync(lock.heartbeatPath).mtimeMs !== before;
  for (let time = 0; time < 3000 && !beaten(); time += 1) Atomics.wait(cell, 0, 0, 10);
  stop();
  assert.ok(beaten());
  lock.release();
});

test('a pid that was given to another process is not taken for the holder', () => {
  const folder = freshFolder();
  heldBy(folder, { ...identityOf(process.pid), startTime: '1' }, 0);
  assert.equal(lockHolder(folder), null);
});

test('a holder that slept until it was taken over learns it from its next heartbeat', () => {
  const folder = freshFolder();
  const sleeper = acquireLock(folder)!;
  writeFileSync(
    join(folder, 'lock', '1', 'owner.json'),
    readFileSync(join(folder, 'lock', '1', 'owner.json'), 'utf8').replace(
      /"host":"[^"]*"/,
      '"host":"asleep"',
    ),
  );
  const taker = acquireLock(folder, -1)!;
  assert.equal(taker.generation, 2);
  assert.equal(sleeper.heartbeat(), false);
  sleeper.release();
  assert.equal(lockHolder(folder)?.generation, 2);
});

test('two that read the same dead holder: one becomes its successor', () => {
  const folder = freshFolder();
  heldBy(folder, { ...identityOf(process.pid), startTime: '1' }, 0);
  const first = acquireLock(folder);
  const second = acquireLock(folder);
  assert.equal(first?.generation, 4);
  assert.equal(second, null);
});

test('a file in the place of the lock is said in one line', () => {
  const folder = freshFolder();
  writeFileSync(join(folder, 'lock'), '');
  assert.throws(() => lockHolder(folder), InputError);
});
