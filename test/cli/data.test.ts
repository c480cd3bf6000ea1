import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { dataCommand, downloadLine } from '../../src/cli/data.ts';
import { InputError } from '../../src/input-error.ts';
import { scratchFolder } from '../data/scratch.ts';
import { writeCifar100 } from '../data/small-sets.ts';

async function run(dataFolder: string, ...words: string[]): Promise<{ out: string; err: string }> {
  let [out, err] = ['', ''];
  const command = dataCommand({
    env: { GCNC_DATA_DIR: dataFolder },
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    terminal: false,
  });
  await command.parseAsync(words, { from: 'user' });
  return { out, err };
}

test('data list says what is there, how much, and how to get the rest', async (t) => {
  const folder = scratchFolder(t);
  writeCifar100(folder);
  mkdirSync(join(folder, 'mnist'));
  const { out } = await run(folder, 'list');
  assert.match(out, new RegExp(`^data folder: ${folder} `));
  assert.match(
    out,
    /^glyphs +4800 train and 1600 test images of 40 classes, 32x32x3 \(drawn by the program; splits glyphs\)$/m,
  );
  assert.match(
    out,
    /^cifar-100 +300 train and 100 test images of 100 classes, 32x32x3 \(.*cifar-100-binary; splits cifar-fs, fc100\)$/m,
  );
  assert.match(out, /^cifar-10 +not there; `gcnc data fetch cifar-10` \(.*cifar-10-batches-bin\)$/m);
  assert.match(out, /^mnist +unreadable: mnist: no readable file /m);
});

test('data list --json is one object', async (t) => {
  const folder = scratchFolder(t);
  const { out, err } = await run(folder, 'list', '--json');
  const listed = JSON.parse(out) as {
    dataFolder: string;
    dataSets: { name: string; present: boolean; train: number }[];
  };
  assert.equal(listed.dataFolder, folder);
  assert.equal(err, '');
  const of = (name: string) => listed.dataSets.find((set) => set.name === name)!;
  assert.deepEqual([of('glyphs').train, of('cifar-100').present, of('cifar-100').train], [4800, false, null]);
});

test('data fetch says that a data set is there already', async (t) => {
  const folder = scratchFolder(t);
  writeCifar100(folder);
  const { out, err } = await run(folder, 'fetch', 'cifar-100');
  assert.deepEqual([out, err], ['', `cifar-100: already there, ${join(folder, 'cifar-100-binary')}\n`]);
});

test('data fetch takes another mirror, and checks what it sends', async (t) => {
  const folder = scratchFolder(t);
  const urls: string[] = [];
  const server = createServer((request, response) => {
    urls.push(request.url!);
    response.setHeader('content-range', `bytes ${9912422 - 28881}-9912421/9912422`);
    response.writeHead(206).end(Buffer.alloc(28881));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const mirror = `http://127.0.0.1:${(server.address() as AddressInfo).port}/copies`;
  mkdirSync(join(folder, '.downloads/mnist'), { recursive: true });
  writeFileSync(join(folder, '.downloads/mnist/train-images-idx3-ubyte.gz'), Buffer.alloc(9912422 - 28881));
  await assert.rejects(
    run(folder, 'fetch', 'mnist', '--mirror', mirror),
    (error: Error) =>
      error instanceof InputError && /expected 9912422 bytes with MD5 f68b/.test(error.message),
  );
  assert.equal(urls[0], '/copies/train-images-idx3-ubyte.gz');
});

test('an unknown name is answered with the nearest, where one is near', async (t) => {
  await assert.rejects(
    run(scratchFolder(t), 'fetch', 'cifar100'),
    new InputError(
      'data fetch: unknown name cifar100; did you mean cifar-100? Allowed are cifar-10, cifar-100, mnist, fashion-mnist',
    ),
  );
  await assert.rejects(
    run(scratchFolder(t), 'fetch', 'imagenet'),
    new InputError(
      'data fetch: unknown name imagenet; allowed are cifar-10, cifar-100, mnist, fashion-mnist',
    ),
  );
});

test('progress is one rewritten line on a terminal, and ten lines where there is none', () => {
  for (const [terminal, expected] of [
    [true, 101],
    [false, 11],
  ] as const) {
    const written: string[] = [];
    const show = downloadLine(terminal, (text) => written.push(text));
    for (let bytes = 0; bytes <= 5_000_000; bytes += 1000)
      show({ url: 'http://x/y', bytes, totalBytes: 5_000_000 });
    assert.equal(written.length, expected);
    assert.equal(
      written.at(-1),
      terminal ? '\rhttp://x/y 100 % of 5.0 MB\n' : 'http://x/y 100 % of 5.0 MB\n',
    );
  }
});
