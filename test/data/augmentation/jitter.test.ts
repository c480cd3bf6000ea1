import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  applyJitter,
  type Jitter,
  type JitterStep,
  jitterOf,
} from '../../../src/data/augmentation/jitter.ts';

interface Case {
  readonly channels: number;
  readonly plan: readonly [JitterStep, number][];
  readonly image: string;
  readonly pillow: string;
  readonly tensor: string;
}

const cases = JSON.parse(
  readFileSync(join(import.meta.dirname, 'fixtures/jitter.json'), 'utf8'),
) as readonly Case[];
const bytesOf = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'base64'));
const rfs = { brightness: 0.4, contrast: 0.4, saturation: 0.4 };

const jittered = ({ image, channels, plan }: Case): Uint8Array => {
  const bytes = bytesOf(image);
  const factors = { brightness: 1, contrast: 1, saturation: 1, hue: 0, ...Object.fromEntries(plan) };
  applyJitter(bytes, channels, { ...factors, order: plan.map(([step]) => step) });
  return bytes;
};

test("colour jitter gives the bytes of torchvision's on Pillow images, in all orders", () => {
  assert.ok(cases.length > 200);
  for (const each of cases) assert.deepEqual(jittered(each), bytesOf(each.pillow), JSON.stringify(each.plan));
});

test("each step of brightness, contrast and saturation is within a level of torchvision's on tensors, contrast within two", () => {
  const single = cases.filter(({ plan }) => plan.length === 1 && plan[0]![0] !== 'hue' && plan[0]![1] <= 2);
  assert.ok(single.length > 100);
  for (const each of single) {
    const [ours, theirs] = [jittered(each), bytesOf(each.tensor)];
    const furthest = ours.reduce((most, byte, at) => Math.max(most, Math.abs(byte - theirs[at]!)), 0);
    // The tensors' version cuts what Pillow rounds: the grey of a pixel and, for contrast, the mean of the greys as well.
    assert.ok(
      furthest <= (each.plan[0]![0] === 'contrast' ? 2 : 1),
      `${JSON.stringify(each.plan)}: ${furthest} levels`,
    );
  }
});

test('the 24 orders are equally frequent, and factors fill their ranges evenly and independently', () => {
  const n = 48_000;
  const orders = new Map<string, number>();
  const sums = { brightness: 0, contrast: 0, saturation: 0, hue: 0 };
  let both = 0;
  for (let index = 0; index < n; index++) {
    const jitter = jitterOf({ ...rfs, hue: 0.1 }, 3, 1, index);
    orders.set(jitter.order.join(), (orders.get(jitter.order.join()) ?? 0) + 1);
    for (const step of ['brightness', 'contrast', 'saturation'] as const) {
      assert.ok(jitter[step] >= 0.6 && jitter[step] < 1.4);
      sums[step] += jitter[step];
    }
    assert.ok(Math.abs(jitter.hue) <= 0.1);
    sums.hue += jitter.hue;
    both += jitter.brightness > 1 && jitter.order[0] === 'brightness' ? 1 : 0;
  }
  const expected = n / 24;
  const chiSquare = [...orders.values()].reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  // 23 degrees of freedom: the 0.0001 and 0.9999 quantiles.
  assert.equal(orders.size, 24);
  assert.ok(chiSquare > 5.5 && chiSquare < 59.1, `chi-square ${chiSquare}`);
  // Five standard errors of the mean of a uniform draw of width 0.8, and of width 0.2.
  for (const step of ['brightness', 'contrast', 'saturation'] as const)
    assert.ok(Math.abs(sums[step] / n - 1) < (5 * 0.8) / Math.sqrt(12 * n), step);
  assert.ok(Math.abs(sums.hue / n) < (5 * 0.2) / Math.sqrt(12 * n));
  assert.ok(Math.abs(both - n / 8) < 5 * Math.sqrt(n / 8), 'the order says nothing about the factors');
});

test('a factor is a function of seed, epoch and index, and does not depend on the other strengths', () => {
  const one = jitterOf(rfs, 1, 2, 3);
  assert.deepEqual(jitterOf(rfs, 1, 2, 3), one);
  for (const other of [jitterOf(rfs, 0, 2, 3), jitterOf(rfs, 1, 0, 3), jitterOf(rfs, 1, 2, 0)])
    assert.notEqual(other.brightness, one.brightness);
  assert.equal(jitterOf({ saturation: 0.4 }, 1, 2, 3).saturation, one.saturation);
  assert.equal(jitterOf({ saturation: 0.4 }, 1, 2, 3).brightness, 1);
  // Strengths above 1: no factor is negative.
  for (let index = 0; index < 500; index++)
    assert.ok(jitterOf({ brightness: 3 }, 0, 0, index).brightness >= 0);
});

test('channels that are neither grey nor red, green and blue stop the jitter', () => {
  const jitter: Jitter = { order: ['contrast'], brightness: 1, contrast: 0.5, saturation: 1, hue: 0 };
  assert.throws(() => applyJitter(new Uint8Array(8), 2, jitter), /1 or 3 channels, not 2/);
});
