import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hashInName, hashOfConfig, identityOf } from '../../src/config/run-identity.ts';
import { runConfigSchema } from '../../src/config/schema.ts';

const configOf = (given: object) => runConfigSchema.parse(given);

test("every default of the schema is format 1's or a later key's row: a new key changes no run's hash", () => {
  assert.deepEqual(identityOf(configOf({})), {});
  assert.deepEqual(identityOf(configOf({ measure: { sharpness: {} } })), { measure: { sharpness: {} } });
});

test('the hashes of version 1 are these for ever', () => {
  // printf '%s' '{"config":{},"format":1}' | sha256sum, and the same of the others.
  assert.equal(hashOfConfig(configOf({})), 'cb88e400b185');
  assert.equal(hashOfConfig(configOf({ seed: 3, training: { learningRate: 0.1 } })), 'e8d24f79304a');
});

test('a key that is given its default, or what its absence means, is the same run', () => {
  const plain = hashOfConfig(configOf({}));
  for (const same of [
    { training: { learningRate: 0.05, schedule: { name: 'constant' } } },
    {
      fewshot: {
        disjoint: false,
        centre: 'none',
        normalize: false,
        C: 1,
        alpha: 1,
        k: 1,
        metric: 'euclidean',
      },
    },
    { training: { checkpointEvery: { epochs: 1 } } },
    { data: { jitter: { brightness: 0, contrast: 0, saturation: 0, hue: 0 } } },
    { data: { jitter: {} } },
    { data: { rotation: 0 } },
  ])
    assert.equal(hashOfConfig(configOf(same)), plain, JSON.stringify(same));
});

test('any other value is another run', () => {
  const hashes = [
    {},
    { seed: 1 },
    { data: { perClass: 5 } },
    { data: { imageSize: 32 } },
    { data: { augmentation: 'flip' } },
    { data: { jitter: { brightness: 0.4 } } },
    { data: { jitter: { hue: 0.4 } } },
    { data: { rotation: 15 } },
    { data: { cutout: 16 } },
    { data: { augmentation: 'flip', resizedCrop: {} } },
    { data: { augmentation: 'flip', resizedCrop: { scale: [0.2, 1] } } },
    { training: { checkpointEvery: { steps: 1 } } },
    { training: { checkpointEvery: { epochs: 2 } } },
    { training: { schedule: { milestones: [0.5] } } },
    { measure: { sharpness: {} } },
    { measure: { sharpness: { plainRho: 0.1 } } },
    { fewshot: { disjoint: true } },
    { fewshot: { C: 'auto' } },
    { fewshot: { shots: [5, 1] } },
    { fewshot: { seed: 1 } },
  ].map((each) => hashOfConfig(configOf(each)));
  assert.equal(new Set(hashes).size, hashes.length);
});

test("a folder's name ends in a hash of this version or of an earlier one", () => {
  assert.equal(hashInName('lr0.1-s0-373357be'), '373357be');
  assert.equal(hashInName('lr0.1-s0-0123456789ab'), '0123456789ab');
  assert.equal(hashInName('lr0.1-s0'), null);
});
