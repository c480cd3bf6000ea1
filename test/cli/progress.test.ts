import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { describe, it } from 'node:test';
import { progressLine, withProgress } from '../../src/cli/progress.ts';
import { publishWork } from '../../src/work-channel.ts';

const made = (isTTY: boolean) => {
  let written = '';
  const stream = new Writable({
    write: (chunk, _, done) => {
      written += chunk;
      done();
    },
  });
  return { stream: Object.assign(stream, { isTTY, columns: 80, rows: 24 }) as never, said: () => written };
};

/** 1,000 images, 10 a time, of which each lot takes so many milliseconds. */
const work = async (isTTY: boolean, millisecondsEach: number): Promise<string> => {
  let time = 0;
  const { stream, said } = made(isTTY);
  const result = await withProgress({ stream, now: () => time }, async () => {
    for (let done = 10; done <= 1000; done += 10) {
      time += millisecondsEach;
      publishWork({ what: 'embedding', unit: 'images', done, of: 1000 });
    }
    return 'result';
  });
  assert.equal(result, 'result');
  publishWork({ what: 'embedding', unit: 'images', done: 1, of: 2 });
  return said();
};

describe('progress', () => {
  it('says nothing of work that takes less than two seconds', async () => {
    assert.equal(await work(false, 19), '');
  });

  it('says how far the work is and how long it takes, a line every 30 s where there is no terminal', async () => {
    assert.deepEqual((await work(false, 1000)).trim().split('\n'), [
      'embedding: 20 of 1000 images, 1 min 38 s left',
      'embedding: 320 of 1000 images, 1 min 8 s left',
      'embedding: 620 of 1000 images, 38 s left',
      'embedding: 920 of 1000 images, 8 s left',
    ]);
  });

  it('is one line on a terminal, which is gone at the end', async () => {
    const said = await work(true, 500);
    assert.match(said, /embedding: 40 of 1000 images, 48 s left/);
    assert.match(said, /embedding: 1000 of 1000 images/);
    // The line is erased and its column taken up from the start.
    assert.ok(said.lastIndexOf('\u001b[2K') > said.lastIndexOf('images'), JSON.stringify(said.slice(-60)));
  });

  it('does not get in the way of an error', async () => {
    const { stream } = made(false);
    await assert.rejects(
      withProgress({ stream }, () => Promise.reject(new Error('broken'))),
      /broken/,
    );
  });

  it('says minutes and hours where there are many seconds', () => {
    const done = { what: 'geometric complexity', unit: 'images', done: 1, of: 101 };
    assert.equal(progressLine(done, 6000), 'geometric complexity: 1 of 101 images, 10 min 0 s left');
    assert.equal(progressLine(done, 360_000), 'geometric complexity: 1 of 101 images, 10 h 0 min left');
  });
});
