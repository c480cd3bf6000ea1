import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { inputErrorOf, runsOf, scratchFolder } from './scratch.ts';

const refused: readonly (readonly [string, RegExp])[] = [
  [
    'sweep: {random: {n: 300000000, seed: 0, keys: {training.l2: {uniform: [0, 1]}}}}',
    /random\.n.*100000, not 300000000/,
  ],
  ['fewshot: {episodes: 500000000}', /fewshot\.episodes.*1000000, not 500000000/],
  ['training: {epochs: 1000000000}', /training\.epochs.*1000000, not 1000000000/],
  ['model: {width: 100000}', /model\.width.*4096, not 100000/],
  ['data: {imageSize: 100000}', /data\.imageSize.*4096, not 100000/],
  ['fewshot: {queries: 500000000}', /fewshot\.queries.*10000000, not 500000000/],
  ['measure: {probes: 500000000}', /measure\.probes.*10000000, not 500000000/],
  [
    `sweep: {seeds: [${Array.from({ length: 400 }, (_, i) => i)}], grid: {training.l2: [${Array.from({ length: 400 }, (_, i) => i / 1000)}]}}`,
    /160000 runs; at most 100000/,
  ],
];

test('what no machine holds is refused in one line with the limit, before memory is taken', (context) => {
  const folder = scratchFolder(
    Object.fromEntries(refused.map(([text], index) => [`${index}.yaml`, `${text}\n`])),
    context,
  );
  for (const [index, [, expected]] of refused.entries()) {
    const message = inputErrorOf(() => runsOf(join(folder, `${index}.yaml`)));
    assert.match(message, expected);
    assert.ok(!message.includes('\n'));
  }
});
