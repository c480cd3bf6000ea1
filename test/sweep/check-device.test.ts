import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { tf32NeedsCard } from '../../src/backend/precision.ts';
import { checkDevice } from '../../src/sweep/launchers/check-device.ts';
import { planSweep } from '../../src/sweep/plan.ts';
import { inputErrorOf, runsOf, scratchFolder } from '../config/scratch.ts';
import { startGcnc, writeTinySweep } from './fixtures/tiny-sweep.ts';

/** In the doctor's place: says this of TensorFlow. */
const saying = (tensorflow: object): readonly string[] => ['echo', JSON.stringify({ tensorflow })];
const never: readonly string[] = ['/nobody/asks'];

test('runs that ask for a card are refused once where there is none; others are not looked at', (context) => {
  const out = scratchFolder({ 'a.yaml': 'training: {precision: tf32}\n', 'b.yaml': '{}\n' }, context);
  const runsIn = (name: string) => {
    const input = {
      name: `of-${name}`,
      given: { file: name, text: '', overrides: [] },
      runs: runsOf(join(out, name)),
    };
    return planSweep(input, { out, retryFailed: false, force: false }).runs;
  };
  const [tf32, plain] = [runsIn('a.yaml'), runsIn('b.yaml')];
  const refusal = (...given: Parameters<typeof checkDevice>): string =>
    inputErrorOf(() => checkDevice(...given));

  assert.equal(refusal(tf32, {}, process.env, saying({ device: 'cpu', error: null })), tf32NeedsCard);
  const error = 'GCNC_DEVICE=gpu, and TensorFlow found no GPU: no driver';
  const asking = { ...process.env, GCNC_DEVICE: 'gpu' };
  assert.equal(refusal(plain, {}, asking, saying({ device: null, error })), error);
  assert.equal(
    refusal(
      plain,
      { GCNC_DEVICE: 'gpu', CUDA_VISIBLE_DEVICES: '7' },
      process.env,
      saying({ device: null, error }),
    ),
    '--gpus 7: TensorFlow found no GPU: no driver',
  );
  checkDevice(tf32, {}, process.env, saying({ device: 'gpu', error: null }));
  checkDevice(plain, {}, { ...process.env, GCNC_DEVICE: '' }, never);
  // What cannot be found out is left to the run.
  checkDevice(tf32, {}, process.env, never);
});

test('so is a sweep with --gpus on a machine without one', async (context) => {
  const root = scratchFolder({}, context);
  const given = ['sweep', writeTinySweep(root, {}, {}), '--out', join(root, 'out'), '--gpus', '7'];
  const { code, stderr } = await startGcnc(given, { CUDA_VISIBLE_DEVICES: '' }).ended;
  assert.equal(code, 2);
  assert.match(stderr, /^--gpus 7: TensorFlow found no GPU: [^\n]+\n$/);
  assert.ok(!existsSync(join(root, 'out', 'tiny')));
});

test('a sweep that asks for a card that is not there leaves nothing behind', async (context) => {
  const root = scratchFolder({}, context);
  const path = writeTinySweep(root, {}, { precision: 'tf32' });
  const given = ['sweep', path, '--out', join(root, 'out')];
  const { code, stderr } = await startGcnc(given, { GCNC_DEVICE: 'cpu' }).ended;
  assert.deepEqual([code, stderr.trimEnd()], [2, tf32NeedsCard]);
  assert.ok(!existsSync(join(root, 'out', 'tiny')));
});
