import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { removeTemporaries, writeFileAtomic, writeFolderAtomic } from '../../src/files/atomic.ts';

const folder = mkdtempSync(join(tmpdir(), 'gcnc-atomic-'));
after(() => rmSync(folder, { recursive: true }));

test('a file is replaced in one piece and leaves nothing beside it', () => {
  const path = join(folder, 'file.json');
  writeFileAtomic(path, 'one');
  writeFileAtomic(path, new Uint8Array([116, 119, 111]));
  assert.equal(readFileSync(path, 'utf8'), 'two');
  assert.deepEqual(readdirSync(folder), ['file.json']);
});

test('a folder whose writing fails is absent, and the old one stays', async () => {
  const path = join(folder, 'checkpoint');
  await writeFolderAtomic(path, (temporary) => writeFileSync(join(temporary, 'weights'), 'old'));
  await assert.rejects(
    writeFolderAtomic(path, (temporary) => {
      writeFileSync(join(temporary, 'weights'), 'half');
      throw new Error('disk full');
    }),
    /disk full/,
  );
  assert.equal(readFileSync(join(path, 'weights'), 'utf8'), 'old');
  await writeFolderAtomic(path, (temporary) => writeFileSync(join(temporary, 'weights'), 'new'));
  assert.equal(readFileSync(join(path, 'weights'), 'utf8'), 'new');
  assert.deepEqual(readdirSync(folder).sort(), ['checkpoint', 'file.json']);
});

test('a writer killed in the middle leaves temporaries only, which are removed', async () => {
  const place = mkdtempSync(join(folder, 'killed-'));
  const atomic = join(import.meta.dirname, '../../src/files/atomic.ts');
  const script = `import { writeFolderAtomic } from ${JSON.stringify(atomic)};
    import { writeFileSync } from 'node:fs';
    await writeFolderAtomic(${JSON.stringify(join(place, '7'))}, (temporary) => {
      writeFileSync(temporary + '/weights', 'half');
      process.kill(process.pid, 'SIGKILL');
    });`;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script]);
  const [, signal] = await once(child, 'exit');
  assert.equal(signal, 'SIGKILL');
  assert.equal(readdirSync(place).length, 1);
  assert.ok(!readdirSync(place).includes('7'));
  await removeTemporaries(place);
  assert.deepEqual(readdirSync(place), []);
});
