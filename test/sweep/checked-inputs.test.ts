import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runConfigSchema } from '../../src/config/schema.ts';
import { imagesIn, refusalOf } from '../pipeline/small-run.ts';

const glyphs = (data: object, training: object = {}) =>
  runConfigSchema.parse({
    data: { imageSize: 16, ...data },
    training,
    model: { name: 'resnet10', width: 4 },
  });

test('a square of cutout that can hide a whole image is refused', async () => {
  assert.equal(
    await refusalOf(glyphs({ cutout: 16 })),
    "data.cutout is 16, and the images' side 16: such a square can hide a whole image; give less than 16",
  );
  assert.equal(await refusalOf(glyphs({ cutout: 15 })), null);
});

test('jitter of the hue or saturation of grey images is refused, in one channel or three', async () => {
  const grey = imagesIn('grey.npz', { channels: 1 });
  for (const channels of [undefined, 3]) {
    const data = { name: grey, imageSize: undefined, ...(channels && { channels }) };
    const says = (key: string) =>
      `data.jitter.${key}: does nothing to grey images, which these are; leave it out`;
    assert.equal(await refusalOf(glyphs({ ...data, jitter: { hue: 0.1 } })), says('hue'));
    assert.equal(await refusalOf(glyphs({ ...data, jitter: { saturation: 0.1 } })), says('saturation'));
    assert.equal(await refusalOf(glyphs({ ...data, jitter: { contrast: 0.1, hue: 0 } })), null);
  }
  assert.equal(await refusalOf(glyphs({ jitter: { hue: 0.1 } })), null);
});

test('a smoothed loss never falls below the entropy of its targets, 24 classes with 0.2: 1.09 nat', async () => {
  const stopping = (stopAtLoss: number) => glyphs({}, { labelSmoothing: 0.2, stopAtLoss });
  assert.match(
    (await refusalOf(stopping(1.08)))!,
    /^training.stopAtLoss is 1.08, and the loss with training.labelSmoothing 0.2 over 24 classes is at least 1.09/,
  );
  assert.equal(await refusalOf(stopping(1.2)), null);
});
