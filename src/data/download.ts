import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, existsSync, rmSync, statSync } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { InputError } from '../input-error.ts';
import type { RemoteFile } from './data-set.ts';

/** How much of a file has come. */
export interface Downloaded {
  readonly url: string;
  readonly bytes: number;
  readonly totalBytes: number;
}

/**
 * Brings `file` to `path`, going on from the bytes that are there already (HTTP Range), then checks size and MD5. A broken
 * connection is taken up again while it makes progress; what has come stays for the next call. A wrong checksum removes the
 * file. Throws InputError of one line.
 */
export async function downloadFile(
  file: RemoteFile,
  path: string,
  onProgress: (downloaded: Downloaded) => void = () => {},
): Promise<void> {
  const present = () => (existsSync(path) ? statSync(path).size : 0);
  while (present() < file.bytes) {
    const before = present();
    try {
      await appendFrom(file, path, before, onProgress);
    } catch (error) {
      if (error instanceof InputError) throw error;
      if (present() > before) continue;
      throw new InputError(
        `${file.url}: ${reason(error)} after ${before} of ${file.bytes} bytes; the same command goes on from there`,
      );
    }
    if (present() <= before)
      throw new InputError(
        `${file.url}: the server's file ends at ${present()} of ${file.bytes} bytes; try another mirror`,
      );
  }
  const bytes = present();
  const found = await md5Of(path);
  if (bytes === file.bytes && found === file.md5) return;
  rmSync(path, { force: true });
  throw new InputError(
    `${file.url}: expected ${file.bytes} bytes with MD5 ${file.md5}, got ${bytes} with ${found}; removed, try again or another mirror`,
  );
}

async function appendFrom(
  file: RemoteFile,
  path: string,
  offset: number,
  onProgress: (downloaded: Downloaded) => void,
): Promise<void> {
  const headers = { 'accept-encoding': 'identity', ...(offset > 0 && { range: `bytes=${offset}-` }) };
  const response = await fetch(file.url, { headers });
  if (!response.ok || response.body === null) {
    await response.body?.cancel();
    throw new InputError(`${file.url}: the server answered ${response.status} ${response.statusText}`);
  }
  // A server that ignores ranges sends everything again.
  const start = response.status === 206 ? rangeStart(response, file) : 0;
  if (start !== 0 && start !== offset) {
    await response.body.cancel();
    throw new InputError(`${file.url}: asked to go on from byte ${offset}, the server sent from ${start}`);
  }
  let bytes = start;
  const counted = async function* (chunks: AsyncIterable<Uint8Array>) {
    for await (const chunk of chunks) {
      bytes += chunk.length;
      if (bytes > file.bytes)
        throw new InputError(`${file.url}: sends more than the ${file.bytes} bytes that are expected`);
      onProgress({ url: file.url, bytes, totalBytes: file.bytes });
      yield chunk;
    }
  };
  await pipeline(
    Readable.fromWeb(response.body),
    counted,
    createWriteStream(path, { flags: start === 0 ? 'w' : 'a' }),
  );
}

function rangeStart(response: Response, file: RemoteFile): number {
  const start = /^bytes (\d+)-/.exec(response.headers.get('content-range') ?? '')?.[1];
  if (start === undefined) throw new InputError(`${file.url}: a partial answer without Content-Range`);
  return Number(start);
}

/** fetch hides the system's reason in `cause`. */
function reason(error: unknown): string {
  const { cause, message } = error as Error & { cause?: { code?: string; message?: string } };
  return cause?.code ?? cause?.message ?? message;
}

async function md5Of(path: string): Promise<string> {
  const hash = createHash('md5');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}
