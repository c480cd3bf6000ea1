import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, test } from 'node:test';
import { resultDigests } from './fixtures/result-digests.ts';
import { startGcnc, writeTinySweep } from './fixtures/tiny-sweep.ts';

const root = mkdtempSync(join(tmpdir(), 'gcnc-commands-'));
after(() => rmSync(root, { recursive: true }));

const path = writeTinySweep(root, { seeds: [0, 1] }, { epochs: 1 });
const out = join(root, 'runs');
const sweep = join(out, 'tiny');

const gcnc = async (...args: string[]) => {
  const { code, stdout, stderr } = await startGcnc(args, { NO_COLOR: '1' }).ended;
  assert.equal(code, 0, stderr);
  return { stdout, stderr };
};

interface Run {
  readonly name: string;
  readonly folder: string;
  readonly state: string;
  readonly toDo: boolean;
}
const runsOf = async (...args: string[]): Promise<readonly Run[]> =>
  JSON.parse((await gcnc('sweep', path, '--out', out, '--json', ...args)).stdout).runs;

test('a sweep is planned, run, found done, changed and forced anew; what was there stays', async () => {
  const planned = await gcnc('sweep', path, '--out', out, '--dry-run');
  assert.match(planned.stdout, /2 of 2 runs to do: 12 steps, \d+ kB on disk/);
  assert.ok(!existsSync(sweep));

  const first = await runsOf();
  assert.deepEqual(
    first.map(({ state }) => state),
    ['done', 'done'],
  );
  const results = resultDigests(sweep);
  const again = await gcnc('sweep', path, '--out', out);
  assert.match(again.stderr, /nothing to do: 2 of 2 runs are done/);
  assert.deepEqual(resultDigests(sweep), results);

  const changed = await gcnc('sweep', path, '--out', out, 'sweep.seeds=[1, 2]');
  assert.match(
    changed.stderr,
    /the config changed since the last time: 1 new runs, 1 runs of the earlier config \(kept in (.*); no longer shown, but 'gcnc runs \1\/\*-\*\/' shows all; name=NEW puts /,
  );
  assert.match(changed.stderr, /1 of 2 runs are done already/);
  assert.ok(existsSync(join(sweep, 'sweep.1.yaml')));
  assert.deepEqual(
    Object.entries(resultDigests(sweep)).filter(([name]) => name in results),
    Object.entries(results),
  );

  const forced = await runsOf('--force');
  assert.deepEqual(
    forced.map(({ name }) => name),
    first.map(({ name }) => `${name}.retry2`),
  );
  const all = resultDigests(sweep);
  for (const { name } of first)
    for (const file of Object.keys(results).filter((each) => each.startsWith(`${name}/`))) {
      assert.equal(all[file], results[file]);
      assert.equal(all[file.replace(name, `${name}.retry2`)], results[file], file);
    }
  const status = await gcnc('sweep', path, '--out', out, '--status');
  assert.match(status.stdout, /\.retry2 .*done/);
  assert.match(status.stdout, /2 done, in /);
  assert.deepEqual(
    (await runsOf('--dry-run')).map(({ toDo }) => toDo),
    [false, false],
  );
});

test("gcnc compare groups a sweep's runs over their seeds", async () => {
  const { stdout } = await gcnc('compare', sweep, '--csv', '--sort', 'targetCdnv');
  const lines = stdout.trim().split('\r\n');
  assert.equal(lines.length, 2);
});

test('env.json says what ran, on what, and what was typed', () => {
  const checkout = resolve(import.meta.dirname, '../..');
  const git = (...args: string[]): string | null => {
    try {
      return execFileSync('git', ['-C', checkout, ...args], { encoding: 'utf8', stdio: 'pipe' });
    } catch {
      return null;
    }
  };
  const run = join(sweep, readdirSync(sweep).find((name) => name.endsWith('.retry2'))!);
  const env = JSON.parse(readFileSync(join(run, 'env.json'), 'utf8'));
  assert.equal(env.git.commit, git('rev-parse', 'HEAD')?.trim() ?? null);
  assert.equal(typeof env.git.dirty, env.git.commit === null ? 'object' : 'boolean');
  if (env.git.patch !== null) {
    const patch = readFileSync(join(run, env.git.patch), 'utf8');
    assert.match(patch, /^diff --git /);
  }
  const lockfile = readFileSync(join(checkout, 'package-lock.json'));
  assert.equal(env.lockfileSha256, createHash('sha256').update(lockfile).digest('hex'));
  assert.equal(env.node, process.version);
  assert.match(env.tensorflow, /^2\.\d+/);
  assert.ok(env.cpu.model.length > 0 && env.cpu.cores > 0 && env.memoryBytes > 0);
  assert.ok(env.gpus === null || env.gpus.length > 0);
  assert.match(env.device, /^(cpu|gpu)$/);
  assert.ok(env.threads.intraOp >= 1);
  assert.deepEqual(env.argv.slice(1, 4), ['sweep', path, '--out']);
  assert.match(env.dataChecksum, /^[0-9a-f]{64}$/);
});
