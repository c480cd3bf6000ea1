import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { glyphSource } from '../../src/data/glyphs.ts';
import { imageBytes, requireMemory } from '../../src/data/image-bytes.ts';
import { inputErrorOf } from '../config/scratch.ts';

describe('the bytes of all images of a set', () => {
  it('are zeros, as many as the shape says', () => {
    assert.deepEqual(imageBytes('a', [2, 3, 1, 3]), new Uint8Array(18));
  });

  it('are refused where the machine has not so much memory, by size and by what to change', () => {
    assert.equal(
      inputErrorOf(() => requireMemory('photos', [1000, 1000, 1000, 3], 2e9)),
      'photos: 1000 images of 1000x1000x3 take 3.0 GB, and this machine has 2.0 GB; give a smaller data.imageSize, or fewer images',
    );
    requireMemory('photos', [1000, 1000, 1000, 3], 3e9);
  });

  it('are refused before anything is drawn', async () => {
    const source = glyphSource({ dataFolder: '', imageSize: 65_536 });
    await assert.rejects(
      async () => source.load('train'),
      /^InputError: glyphs: 4800 images of 65536x65536x3 take 61847.5 GB/,
    );
  });
});
