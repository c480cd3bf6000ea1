import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { packTar, type TarSource } from 'modern-tar/fs';
import type { RemoteDataSet } from '../../src/data/data-set.ts';
import { remoteDataSets } from '../../src/data/data-sets.ts';
import { fetchDataSet } from '../../src/data/fetch-data.ts';
import { dataSources } from '../../src/data/sources.ts';
import { InputError } from '../../src/input-error.ts';
import { scratchFolder } from './scratch.ts';

type Answer = (request: IncomingMessage, response: ServerResponse, content: Uint8Array) => void;

/** Answers with the file, from where the request asks. */
const ranged: Answer = (request, response, content) => {
  const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
  if (start > 0)
    response.setHeader('content-range', `bytes ${start}-${content.length - 1}/${content.length}`);
  response.writeHead(start > 0 ? 206 : 200).end(content.subarray(start));
};

/** Sends `bytes` more and breaks the connection. */
const breaking =
  (bytes: number): Answer =>
  (request, response, content) => {
    const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    response.setHeader('content-length', content.length - start);
    if (start > 0)
      response.setHeader('content-range', `bytes ${start}-${content.length - 1}/${content.length}`);
    response.writeHead(start > 0 ? 206 : 200);
    response.write(content.subarray(start, start + bytes), () => setTimeout(() => response.destroy(), 250));
  };

/** A server that answers each request by the next of `answers`, and by the last one from then on. */
async function serve(t: TestContext, files: Readonly<Record<string, Uint8Array>>, ...answers: Answer[]) {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const content = files[request.url!];
    requests.push(`${request.url} ${request.headers.range ?? 'all'}`);
    if (content === undefined) response.writeHead(404).end();
    else answers[Math.min(requests.length, answers.length) - 1]!(request, response, content);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  return { base: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}

const content = Uint8Array.from({ length: 200_000 }, (_, at) => (at * at) % 251);

async function archiveOf(sources: readonly TarSource[]): Promise<Uint8Array> {
  return gzipSync(await buffer(packTar(sources)));
}

const toyFiles = (): TarSource[] => [
  { type: 'content', target: 'toy/train.bin', content },
  { type: 'content', target: 'toy/names.txt', content: 'a\nb\n' },
  { type: 'content', target: 'toy/readme.html', content: 'not wanted' },
];

const toy = (url: string, archive: Uint8Array): RemoteDataSet => ({
  name: 'toy',
  archive: true,
  files: [{ url, bytes: archive.length, md5: createHash('md5').update(archive).digest('hex') }],
  folder: 'toy',
  required: ['train.bin', 'names.txt'],
});

const refusal = (message: RegExp) => (error: Error) => {
  assert.ok(error instanceof InputError && !error.message.includes('\n'), error.stack);
  assert.match(error.message, message);
  return true;
};

test('an archive is downloaded, checked and unpacked; the second call finds it there', async (t) => {
  const dataFolder = scratchFolder(t);
  const archive = await archiveOf(toyFiles());
  const { base, requests } = await serve(t, { '/toy.tar.gz': archive }, ranged);
  const remote = toy(`${base}/toy.tar.gz`, archive);
  let last = 0;
  const fetched = await fetchDataSet(remote, { dataFolder, onProgress: ({ bytes }) => (last = bytes) });
  assert.deepEqual(fetched, { folder: join(dataFolder, 'toy'), alreadyThere: false });
  assert.equal(last, archive.length);
  assert.deepEqual(readFileSync(join(dataFolder, 'toy/train.bin')), Buffer.from(content));
  assert.deepEqual(readdirSync(join(dataFolder, 'toy')).sort(), ['names.txt', 'train.bin']);
  assert.deepEqual(
    readdirSync(dataFolder).filter((name) => name !== '.downloads'),
    ['toy'],
  );
  assert.equal((await fetchDataSet(remote, { dataFolder })).alreadyThere, true);
  assert.equal(requests.length, 1);
});

test('a connection that breaks is taken up where it broke', async (t) => {
  const dataFolder = scratchFolder(t);
  const archive = await archiveOf(toyFiles());
  const { base, requests } = await serve(t, { '/toy.tar.gz': archive }, breaking(500), breaking(300), ranged);
  await fetchDataSet(toy(`${base}/toy.tar.gz`, archive), { dataFolder });
  assert.deepEqual(requests, ['/toy.tar.gz all', '/toy.tar.gz bytes=500-', '/toy.tar.gz bytes=800-']);
  assert.ok(existsSync(join(dataFolder, 'toy/train.bin')));
});

test('what an interrupted call left is gone on with by the next', async (t) => {
  const dataFolder = scratchFolder(t);
  const archive = await archiveOf(toyFiles());
  const { base, requests } = await serve(t, { '/toy.tar.gz': archive }, breaking(400), breaking(0), ranged);
  const remote = toy(`${base}/toy.tar.gz`, archive);
  const stopped = refusal(/after 400 of \d+ bytes; the same command goes on from there$/);
  await assert.rejects(fetchDataSet(remote, { dataFolder }), stopped);
  assert.ok(!existsSync(join(dataFolder, 'toy')));
  assert.equal(statSync(join(dataFolder, '.downloads/toy/toy.tar.gz')).size, 400);
  await fetchDataSet(remote, { dataFolder });
  assert.equal(requests.at(-1), '/toy.tar.gz bytes=400-');
  assert.ok(existsSync(join(dataFolder, 'toy/train.bin')));
});

test('a server that knows no ranges sends everything again', async (t) => {
  const dataFolder = scratchFolder(t);
  const archive = await archiveOf(toyFiles());
  const whole: Answer = (_, response, bytes) => response.writeHead(200).end(bytes);
  const { base } = await serve(t, { '/toy.tar.gz': archive }, breaking(400), whole);
  await fetchDataSet(toy(`${base}/toy.tar.gz`, archive), { dataFolder });
  assert.deepEqual(readFileSync(join(dataFolder, 'toy/train.bin')), Buffer.from(content));
});

test('a wrong checksum or size is refused, the download removed, and nothing unpacked', async (t) => {
  const dataFolder = scratchFolder(t);
  const archive = await archiveOf(toyFiles());
  const other = Uint8Array.from(archive);
  other[100]! ^= 1;
  const longer = Uint8Array.from([...archive, 0]);
  const { base } = await serve(t, { '/toy.tar.gz': other, '/longer.tar.gz': longer }, ranged);
  const wrong = refusal(/expected \d+ bytes with MD5 [0-9a-f]{32}, got \d+ with [0-9a-f]{32}; removed/);
  await assert.rejects(fetchDataSet(toy(`${base}/toy.tar.gz`, archive), { dataFolder }), wrong);
  assert.ok(!existsSync(join(dataFolder, '.downloads/toy/toy.tar.gz')));
  const tooLong = refusal(/sends more than the \d+ bytes that are expected/);
  await assert.rejects(fetchDataSet(toy(`${base}/longer.tar.gz`, archive), { dataFolder }), tooLong);
  assert.ok(!existsSync(join(dataFolder, 'toy')));
});

test('no server, a missing file, a mirror that is no address: one line each', async (t) => {
  const dataFolder = scratchFolder(t);
  const archive = await archiveOf(toyFiles());
  const { base } = await serve(t, {}, ranged);
  const remote = toy(`${base}/toy.tar.gz`, archive);
  await assert.rejects(fetchDataSet(remote, { dataFolder }), refusal(/the server answered 404/));
  const nobody = { dataFolder, mirror: 'http://127.0.0.1:1/' };
  await assert.rejects(fetchDataSet(remote, nobody), refusal(/127.0.0.1:1\/toy.tar.gz: .+ after 0 of/));
  await assert.rejects(
    fetchDataSet(remote, { dataFolder, mirror: 'nowhere' }),
    refusal(/mirror nowhere: expected an address/),
  );
  writeFileSync(join(dataFolder, 'file'), '');
  const notAFolder = { dataFolder: join(dataFolder, 'file') };
  await assert.rejects(fetchDataSet(remote, notAFolder), refusal(/toy: cannot write .*ENOTDIR/));
});

test('a folder that lacks files is left alone', async (t) => {
  const dataFolder = scratchFolder(t);
  mkdirSync(join(dataFolder, 'toy'));
  writeFileSync(join(dataFolder, 'toy/names.txt'), 'mine');
  await assert.rejects(
    fetchDataSet(toy('http://127.0.0.1:1/toy.tar.gz', content), { dataFolder }),
    refusal(/toy is there but lacks train.bin; move it away, then fetch again$/),
  );
});

/** One entry of a tar file with any name and type, as no packer would write it (POSIX ustar). */
function tarEntry(name: string, type: '0' | '2', body: string, link = ''): Buffer {
  const header = Buffer.alloc(512);
  header.write(name, 0);
  header.write('0000644\0', 100);
  header.write(`${body.length.toString(8).padStart(11, '0')}\0`, 124);
  header.write('        ', 148);
  header.write(type, 156);
  header.write(link, 157);
  header.write('ustar\u000000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return Buffer.concat([header, Buffer.from(body), Buffer.alloc((512 - (body.length % 512)) % 512)]);
}

test('paths and links that lead out of the archive write nothing outside', async (t) => {
  const outside = scratchFolder(t);
  const dataFolder = join(outside, 'data');
  const evil = gzipSync(
    Buffer.concat([
      tarEntry('../escaped.txt', '0', 'x'),
      tarEntry('toy/../../escaped.txt', '0', 'x'),
      tarEntry('toy', '2', '', outside),
      tarEntry('toy/names.txt', '0', 'a\n'),
      tarEntry('toy/train.bin', '2', '', '/etc/hostname'),
      Buffer.alloc(1024),
    ]),
  );
  const { base } = await serve(t, { '/evil.tar.gz': evil }, ranged);
  await assert.rejects(
    fetchDataSet(toy(`${base}/evil.tar.gz`, evil), { dataFolder }),
    refusal(/expected toy\/ with train.bin, found none/),
  );
  assert.deepEqual([readdirSync(outside), readdirSync(dataFolder)], [['data'], ['.downloads']]);
});

test('single files go into the folder of the data set, all or none', async (t) => {
  const dataFolder = scratchFolder(t);
  const names = ['images.gz', 'labels.gz'];
  const files = Object.fromEntries(names.map((name, i) => [`/${name}`, content.subarray(i)]));
  const { base, requests } = await serve(t, files, ranged, breaking(0), ranged);
  const remote: RemoteDataSet = {
    name: 'toy',
    archive: false,
    files: Object.entries(files).map(([url, bytes]) => ({
      url: `http://publisher.invalid${url}`,
      bytes: bytes.length,
      md5: createHash('md5').update(bytes).digest('hex'),
    })),
    folder: 'toy',
    required: names,
  };
  await assert.rejects(fetchDataSet(remote, { dataFolder, mirror: base }), InputError);
  assert.ok(!existsSync(join(dataFolder, 'toy')));
  await fetchDataSet(remote, { dataFolder, mirror: `${base}/` });
  assert.deepEqual(readdirSync(join(dataFolder, 'toy')).sort(), names);
  assert.equal(requests.filter((request) => request.startsWith('/images.gz')).length, 1);
});

test('what can be fetched can be read, and has an address, a size and a checksum', () => {
  for (const { name, files, required } of remoteDataSets) {
    assert.ok(name in dataSources, name);
    assert.ok(required.length > 0);
    for (const { url, bytes, md5 } of files) {
      assert.ok(URL.canParse(url) && bytes > 4000, url);
      assert.match(md5, /^[0-9a-f]{32}$/);
    }
  }
});
