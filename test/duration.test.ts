import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { durationText } from '../src/duration.ts';

describe('a duration as text', () => {
  for (const [seconds, text] of [
    [0, '0 s'],
    [0.2, '< 1 s'],
    [0.7, '1 s'],
    [59.4, '59 s'],
    [59.6, '1 min 0 s'],
    [200, '3 min 20 s'],
    [3599.7, '1 h 0 min'],
    [7500, '2 h 5 min'],
    [360_000, '100 h 0 min'],
  ] as const)
    it(`${seconds} seconds: ${text}`, () => {
      assert.equal(durationText(seconds), text);
    });
});
