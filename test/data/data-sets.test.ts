import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { dataSets } from '../../src/data/data-sets.ts';

const dataFolder = join(import.meta.dirname, 'fixtures/cifar');

test('a row says what its source has: the class split of auto, and the images as they are', async () => {
  for (const { name, open, ownSplit, images, normalization } of dataSets) {
    const source = open({ dataFolder });
    assert.equal(source.ownSplit, ownSplit, name);
    if (normalization !== undefined) assert.equal(normalization.mean.length, images.channels, name);
    // Of the sets in IDX files there is no sample here.
    if (!name.startsWith('cifar') && name !== 'glyphs') continue;
    const { height, width, channels } = await source.load('test');
    assert.deepEqual([height, width, channels], [images.side, images.side, images.channels], name);
  }
});
