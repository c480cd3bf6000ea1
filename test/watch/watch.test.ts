import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { readSweep } from '../../src/report/read-runs.ts';
import { runPaths } from '../../src/runs/paths.ts';
import { changedRuns } from '../../src/watch/changed-runs.ts';
import { liveReport } from '../../src/watch/live-report.ts';
import { type WatchedSweep, watchSweep } from '../../src/watch/watch-sweep.ts';
import { gcncCommand } from '../cli/gcnc-command.ts';
import { makeSweep } from '../report/sweep-folder.ts';

const parent = mkdtempSync(join(tmpdir(), 'gcnc-watch-'));
after(() => rmSync(parent, { recursive: true }));

/** Adds an epoch to the run's metrics, as a run at work does. */
function addEpoch(folder: string, run: number): void {
  const { metrics } = runPaths(readSweep(folder).runs[run]!.folder);
  const epoch = { kind: 'epoch', epoch: 90, step: 9000, trainLoss: 0.1, trainAccuracy: 1, learningRate: 0.1 };
  writeFileSync(metrics, `${readFileSync(metrics, 'utf8')}${JSON.stringify(epoch)}\n`);
}

describe('500 runs', () => {
  const learningRates = Array.from({ length: 100 }, (_, i) => Number((0.001 * 1.05 ** i).toPrecision(4)));
  const folder = makeSweep(parent, 'many', {
    learningRates,
    seeds: [0, 1, 2, 3, 4],
    epochs: 4,
    states: { 7: { state: 'interrupted' } },
  });

  test('a change of one run has one folder read, and no change none', () => {
    const runs = changedRuns();
    readSweep(folder, runs.read);
    assert.equal(runs.reads(), 500);
    readSweep(folder, runs.read);
    assert.equal(runs.reads(), 500);
    addEpoch(folder, 7);
    const { runs: read } = readSweep(folder, runs.read);
    assert.equal(runs.reads(), 501);
    assert.equal(read[7]!.epochs.at(-1)!.epoch, 90);
  });

  test('what is sent of a change is a summary under 1,000 bytes', async () => {
    const look = liveReport(folder);
    const first = await look();
    assert.ok(JSON.stringify(first!.summary).length < 1000);
    assert.deepEqual(first!.summary.counts, { done: 499, interrupted: 1 });
    assert.equal(await look(), null);
    // An epoch of a run without final values changes the table of runs and nothing drawn of the others.
    addEpoch(folder, 7);
    const second = await look();
    const changed = Object.entries(second!.summary.parts).filter(
      ([id, digest]) => first!.summary.parts[id] !== digest,
    );
    assert.deepEqual(changed, []);
    const status = runPaths(readSweep(folder).runs[7]!.folder).status;
    writeFileSync(
      status,
      readFileSync(status, 'utf8').replace('"reason": null', '"reason": "out of memory"'),
    );
    const third = await look();
    const parts = Object.keys(third!.summary.parts).filter(
      (id) => first!.summary.parts[id] !== third!.summary.parts[id],
    );
    assert.deepEqual(parts, ['problems', 'runs']);
  });
});

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
}

/** node:http, for fetch sends the Host it sees fit. */
function ask(
  url: string,
  { host, method = 'GET' }: { readonly host?: string; readonly method?: string } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = host === undefined ? {} : { host };
    const sent = request(url, { method, headers }, (response) => {
      let text = '';
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, text }));
    });
    sent.on('error', reject);
    sent.end();
  });
}

describe('the server', () => {
  const folder = makeSweep(parent, 'served', { learningRates: [0.01, 0.1], seeds: [0, 1], epochs: 3 });
  let watched: WatchedSweep;
  before(async () => {
    watched = await watchSweep(folder, 0);
  });
  after(() => watched.close());
  const at = (path: string): string => new URL(path, watched.url).href;

  test('is on 127.0.0.1, and answers to its own names only', async () => {
    const { hostname, port } = new URL(watched.url);
    assert.equal(hostname, '127.0.0.1');
    for (const host of [`127.0.0.1:${port}`, `localhost:${port}`])
      assert.equal((await ask(watched.url, { host })).status, 200, host);
    for (const host of [
      'example.org',
      `example.org:${port}`,
      '127.0.0.1',
      '127.0.0.1:1',
      `127.0.0.1.example.org:${port}`,
    ])
      for (const path of ['', 'events', 'parts/answer', 'figures/final-sourceGc.csv']) {
        const answer = await ask(at(path), { host });
        assert.equal(answer.status, 403, `${host} ${path}`);
        assert.ok(!answer.text.includes('served'));
      }
  });

  test('takes no other method, has no other file', async () => {
    assert.equal((await ask(watched.url, { method: 'POST' })).status, 405);
    for (const path of [
      'parts/nothing',
      'figures/nothing.svg',
      'figures/..%2f..%2fsweep.yaml',
      'sweep.yaml',
      'parts/__proto__',
    ])
      assert.equal((await ask(at(path))).status, 404, path);
    assert.equal((await ask(`${watched.url}figures/../../sweep.yaml`)).status, 404);
  });

  test('lets nothing from outside in: no address in the page, and a policy that allows none', async () => {
    const { headers, text } = await ask(watched.url);
    assert.match(
      String(headers['content-security-policy']),
      /^default-src 'none'; script-src 'sha256-[^']+';/,
    );
    assert.equal(headers['cross-origin-resource-policy'], 'same-origin');
    const addresses = [...text.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, address]) => address!);
    assert.ok(addresses.length > 10);
    assert.deepEqual(
      addresses.filter((address) => !/^(#|figures\/|data:,)/.test(address)),
      [],
    );
  });

  test('serves the files of the figures', async () => {
    const csv = await ask(at('figures/final-sourceGc.csv'));
    assert.equal(csv.headers['content-type'], 'text/csv; charset=utf-8');
    assert.match(csv.text, /^configuration,learningRate,mean,low,high,n\r\n0\.01,0\.01,/);
    assert.match((await ask(at('figures/final-sourceGc.svg'))).text, /^<svg /);
    assert.equal(JSON.parse((await ask(at('figures/final-sourceGc.vl.json'))).text).width, 380);
  });

  test('sends an event when a run changes', async () => {
    const response = await fetch(at('events'));
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    const events = (): string[] => text.split('\n\n').filter((each) => each.startsWith('data: '));
    const until = async (count: number): Promise<void> => {
      while (events().length < count) text += (await reader.read()).value ?? '';
    };
    await until(1);
    const status = runPaths(readSweep(folder).runs[3]!.folder).status;
    writeFileSync(status, readFileSync(status, 'utf8').replace('"done"', '"failed"'));
    await until(2);
    const [before, now] = events().map((each) => JSON.parse(each.slice(6)));
    assert.deepEqual([before.counts, now.counts], [{ done: 4 }, { done: 3, failed: 1 }]);
    assert.notEqual(before.parts.results, now.parts.results);
    assert.match((await ask(at('parts/runs'))).text, /failed/);
    await reader.cancel();
  });

  test('a port that is in use is named', async () => {
    const { port } = new URL(watched.url);
    await assert.rejects(watchSweep(folder, Number(port)), {
      name: 'InputError',
      message: `--port ${port}: in use; give another, or 0 for any`,
    });
  });
});

describe('gcnc watch', () => {
  const folder = makeSweep(parent, 'command', { learningRates: [0.01], seeds: [0], epochs: 2 });
  const start = (...args: string[]) => spawn(process.execPath, [...gcncCommand, 'watch', ...args]);

  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    test(`prints its address, and ends on ${signal} with code 0 though a page is open`, async () => {
      const child = start(folder, '--port', '0', '--json');
      const [line] = await once(child.stdout, 'data');
      const { url } = JSON.parse(String(line));
      const page = await fetch(new URL('events', url));
      assert.equal(page.status, 200);
      const ended = page.text().catch(() => '');
      child.kill(signal);
      assert.deepEqual(await once(child, 'exit'), [0, null]);
      await ended;
      await assert.rejects(fetch(url));
    });

  test('refuses what is no sweep and no port, with exit code 2', async () => {
    for (const [args, message] of [
      [[parent], /no sweep's folder/],
      [[folder, '--port', '99999'], /^error: .*--port.*99999.*allowed is a whole number from 0 to 65535\n$/],
    ] as const) {
      const child = start(...args);
      let errors = '';
      child.stderr.on('data', (chunk) => {
        errors += chunk;
      });
      assert.deepEqual(await once(child, 'close'), [2, null]);
      assert.match(errors, message);
    }
  });
});
