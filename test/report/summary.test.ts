import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { after, describe, test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { printSummary } from '../../src/report/summary.ts';
import { type MadeSweep, makeSweep, troubled } from './sweep-folder.ts';

const parent = mkdtempSync(join(tmpdir(), 'gcnc-summary-'));
after(() => rmSync(parent, { recursive: true }));

async function summaryOf(
  name: string,
  made: MadeSweep,
  { isTTY = false, environment = {} as Record<string, string> } = {},
): Promise<string> {
  let text = '';
  const out = new Writable({
    write(chunk, _encoding, done) {
      text += chunk;
      done();
    },
  });
  await printSummary(makeSweep(parent, name, made), Object.assign(out, { isTTY }), environment);
  return text;
}

const colourCode = '\u001b[';
const study: MadeSweep = { learningRates: [0.005, 0.01, 0.05, 0.1], seeds: [0, 1, 2], shots: [1, 5] };

describe('the summary of a sweep', () => {
  test('has one row per configuration with the mean over seeds and the half-width of its interval', async () => {
    const values = [50, 53, 59];
    const text = await summaryOf('means', {
      learningRates: [0.01],
      seeds: [0, 1, 2],
      change: (records, run) =>
        JSON.parse(JSON.stringify(records).replace(/"value":[\d.]+/g, `"value":${values[run]}`)),
    });
    // NumPy/SciPy: mean 54, t(0.975, 2) * sd / sqrt(3) = 4.302653 * 4.582576 / 1.732051 = 11.3836.
    assert.match(text, /means\s+3\/3 .* 54\.0 ±11\.4 /);
  });

  test('has the intervals of the one run where no configuration has two seeds, and says what they are over', async () => {
    const text = await summaryOf('one-seed', { learningRates: [0.01, 0.1], seeds: [0] });
    // The records' intervals are 4 % of geometric complexity and 0.6 points of accuracy to either side.
    const [, complexity, half] = /^0\.01 +1\/1 +[\d.]+ +[\d.]+ +([\d.]+) ±([\d.]+) /m.exec(text)!;
    assert.ok(Math.abs(Number(half) - 0.04 * Number(complexity)) < 0.06, text);
    assert.match(text, /^0\.01 +1\/1 .* \d+\.\d ±0\.6 +\d+\.\d ±0\.6$/m);
    assert.match(
      text,
      /^±: half of the 95 % interval over examples, of few-shot accuracy over episodes; not/m,
    );
    for (const line of text.split('\n')) assert.ok([...line].length < 100, line);
    const several = await summaryOf('some-seeds', {
      ...{ learningRates: [0.01, 0.1], seeds: [0, 1] },
      states: { 3: { state: 'pending' } },
    });
    assert.match(several, /^mean ± half of the 95 % t-interval over seeds; n: /m);
    for (const row of several.split('\n').filter((line) => / 0\.1 .* 1\/2 /.test(line)))
      assert.doesNotMatch(row, /±/);
  });

  test('says the input unit, the layer, the mode, and of how much the numbers are', async () => {
    const text = await summaryOf('how', { learningRates: [0.01, 0.1], seeds: [0, 1] });
    assert.match(
      text,
      /^GC in squared embedding units per squared normalized input unit\nat the embedding, inference mode; GC of 512 examples, few-shot accuracy of 1000 episodes$/m,
    );
  });

  test('is under 100 columns wide, on a terminal and off it', async () => {
    for (const isTTY of [false, true]) {
      const text = stripVTControlCharacters(await summaryOf('wide', study, { isTTY }));
      for (const line of text.split('\n')) assert.ok([...line].length < 100, line);
    }
  });

  test('says which way the quantities moved, with rank correlations', async () => {
    const text = await summaryOf('moved', study);
    assert.match(
      text,
      /As learningRate goes from 0.005 to 0.1\n {2}source GC fell: 59 ±[\d.]+ -> 15\.1 ±[\d.]+\n/,
    );
    assert.match(text, /learningRate -> source GC +−1\.00 +4 +too few configurations/);
    assert.match(text, /4 configurations: a verdict needs 5; more seeds do not replace them/);
  });

  test('does not claim a trend that runs the other way', async () => {
    const text = await summaryOf('opposite', {
      ...study,
      learningRates: [0.1, 0.05, 0.02, 0.01, 0.005],
      change: (records, run) => {
        const complexity = 10 + [0.1, 0.05, 0.02, 0.01, 0.005][Math.floor(run / 3)]! * 100 + run / 100;
        return JSON.parse(JSON.stringify(records).replace(/"value":[\d.]+/g, `"value":${complexity}`));
      },
    });
    assert.match(text, /learningRate -> source GC +\+1\.00 \[.*\], p 0\.017 +5 +opposite/);
  });

  test('three configurations are too few to say', async () => {
    const text = await summaryOf('three', { learningRates: [0.01, 0.05, 0.1], seeds: [0] });
    assert.match(text, /source GC -> target CDNV .* 3 +too few configurations/);
    assert.match(text, /one finished seed in every configuration: no interval over seeds/);
  });

  test('colours and sparklines on a terminal only; NO_COLOR takes the colours', async () => {
    const plain = await summaryOf('colour', study);
    assert.ok(!plain.includes(colourCode) && !plain.includes('▁'));
    const coloured = await summaryOf('colour', study, { isTTY: true });
    assert.ok(coloured.includes(colourCode) && coloured.includes('▁'));
    const noColour = await summaryOf('colour', study, { isTTY: true, environment: { NO_COLOR: '1' } });
    assert.ok(!noColour.includes(colourCode) && noColour.includes('▁'));
  });

  test('names failed, interrupted and pending runs, and undefined values', async () => {
    const text = await summaryOf('trouble', troubled);
    assert.match(text, /trouble: 3 of 6 runs done/);
    assert.match(text, /seed=0-\w+: failed, loss is NaN at step 240/);
    assert.match(text, /seed=1-\w+: interrupted, stopped on request/);
    assert.match(text, /1 of 6 runs pending/);
    assert.match(text, /target CDNV: NaN or undefined in 1 of 3 runs/);
    assert.match(text, /0\.01 +0\/2 +– /);
  });

  test('no finished run: it says so and shows no table', async () => {
    const text = await summaryOf('nothing', {
      learningRates: [0.01],
      seeds: [0],
      states: { 0: { state: 'failed', reason: 'disk full' } },
    });
    assert.match(text, /0 of 1 run done\n\n! no run has finished/);
    assert.ok(!text.includes('source GC'));
  });

  test('marks under-trained runs, says the rule, and gives the correlation without them', async () => {
    const text = await summaryOf('under', {
      ...study,
      change: (records, run) =>
        run < 2
          ? JSON.parse(JSON.stringify(records).replace(/"accuracy":0\.[89]\d*/g, '"accuracy":0.3'))
          : records,
    });
    assert.match(text, /0\.005 +3\/3 † /);
    assert.match(text, /† under-trained: source train accuracy under 50 %/);
    assert.match(text, / {2}without † +[+−][01]\.\d\d +4/);
  });

  test('a folder that is no sweep is refused in one line', async () => {
    const empty = join(parent, 'empty');
    mkdirSync(empty);
    await assert.rejects(printSummary(empty, new Writable()), {
      name: 'InputError',
      message: /no sweep's folder/,
    });
    await assert.rejects(printSummary(join(parent, 'absent'), new Writable()), { message: /no such folder/ });
  });
});
