import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { outputOf, refusalOf } from '../cli/in-process.ts';
import { makeSweep, troubled } from './sweep-folder.ts';

const parent = mkdtempSync(join(tmpdir(), 'gcnc-runs-'));
after(() => rmSync(parent, { recursive: true }));

const all = join(parent, 'runs');
const { change: _, ...rates } = troubled;
makeSweep(all, 'rates', rates);
makeSweep(all, 'shots', { learningRates: [0.05, 0.2], seeds: [7], shots: [1, 5] });
mkdirSync(join(all, 'notes'));

interface Listed {
  readonly sweep: string;
  readonly name: string;
  readonly folder: string;
  readonly state: string;
  readonly seed: number;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly step: number | null;
  readonly measuredAtStep: number | null;
  readonly values: Readonly<Record<string, number | null>>;
  readonly intervals: Readonly<Record<string, readonly [number, number]>>;
  readonly fewshot: { readonly results: readonly { accuracy: number; ci95: [number, number] }[] } | null;
  readonly problems: readonly string[];
}
const listed = async (...args: string[]) =>
  JSON.parse(await outputOf(['runs', all, ...args, '--json'])) as {
    readonly keys: readonly string[];
    readonly fewshot: string;
    readonly notJudged: number;
    readonly runs: readonly Listed[];
  };
const where = async (...conditions: string[]): Promise<readonly Listed[]> =>
  (await listed(...conditions.flatMap((each) => ['--where', each]))).runs;

/** What is in the run's metrics.jsonl, read without the program. */
const lastCheckpoint = (folder: string) =>
  readFileSync(join(folder, 'metrics.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
    .findLast(({ kind }) => kind === 'checkpoint');

describe('gcnc runs', () => {
  it('lists every run of every sweep below a folder, whatever its state, with what its metrics.jsonl ends with', async () => {
    const { runs, keys } = await listed();
    assert.deepEqual(
      runs.map(({ sweep, state, seed }) => [sweep, state, seed]),
      [
        ['rates', 'failed', 0],
        ['rates', 'interrupted', 1],
        ['rates', 'pending', 0],
        ['rates', 'done', 1],
        ['rates', 'done', 0],
        ['rates', 'done', 1],
        ['shots', 'done', 7],
        ['shots', 'done', 7],
      ],
    );
    assert.deepEqual(keys, ['training.learningRate', 'fewshot.shots']);
    for (const run of runs.filter(({ state }) => state !== 'pending')) {
      const last = lastCheckpoint(run.folder);
      const split = (name: string) => last.measures.find((each: { split: string }) => each.split === name);
      assert.equal(run.measuredAtStep, last.step);
      assert.equal(run.values.sourceGc, split('sourceTrain').geometricComplexity.value);
      assert.deepEqual(run.intervals.sourceGc, split('sourceTrain').geometricComplexity.ci95);
      assert.equal(run.values.targetCdnv, split('target').neuralCollapse.cdnv);
      assert.deepEqual(run.fewshot, last.fewshot);
    }
    assert.deepEqual(
      [runs[0]!.step, runs[2]!.step, runs[2]!.values.sourceGc, runs[3]!.step],
      [300, null, null, 600],
    );
  });

  it('is a table of which each row has the numbers of its run', async () => {
    const [head, ...rows] = (await outputOf(['runs', join(all, 'shots')])).split('\n');
    assert.match(
      head!,
      /^run +state +learningRate +seed +step +.*target CDNV +5-way 5-shot, nearest-mean %$/,
    );
    const { runs } = await listed();
    const run = runs.find(({ sweep }) => sweep === 'shots')!;
    const last = lastCheckpoint(run.folder);
    const { accuracy, ci95 } = last.fewshot.results.at(-1);
    assert.ok(rows[0]!.startsWith(run.name));
    assert.ok(
      rows[0]!.endsWith(`${(100 * accuracy).toFixed(1)} ±${(50 * (ci95[1] - ci95[0])).toFixed(1)}`),
      rows[0],
    );
    const complexity = last.measures[0].geometricComplexity;
    const half = (complexity.ci95[1] - complexity.ci95[0]) / 2;
    const [, shown, around] = / (\d+\.\d+) ±(\d+\.\d+) /.exec(rows[0]!)!;
    assert.deepEqual(
      [Number(shown), Number(around)],
      [complexity.value, half].map((each) => Number(each.toFixed(shown!.split('.')[1]!.length))),
    );
  });

  it('says below the table what its numbers are of', async () => {
    const lines = (await outputOf(['runs', join(all, 'shots')])).split('\n');
    for (const line of [
      '±: half of the 95 % interval, of few-shot accuracy over episodes, of other measures over examples.',
      'GC in squared embedding units per squared normalized input unit.',
      'At the embedding, inference mode; GC of 512 examples, few-shot accuracy of 1000 episodes.',
    ])
      assert.ok(lines.includes(line), line);
  });

  it('has a dash for what is not known of a run that has not started, and no default', async () => {
    const [head, ...rows] = (await outputOf(['runs', all])).split('\n');
    const shots = head!.indexOf(' shots ') + 1;
    const cells = (sweep: string, state: string) =>
      rows
        .filter((row) => row.startsWith(sweep) && row.includes(` ${state} `))
        .map((row) => row.slice(shots).split('  ')[0]);
    assert.deepEqual(cells('rates', 'pending'), ['–']);
    assert.deepEqual([...new Set(cells('rates', 'done'))], ['[5]']);
  });

  it('keeps what meets every condition, on keys of the config, states, steps and measures', async () => {
    const seeds = (runs: readonly Listed[]) =>
      runs.map(({ seed, parameters }) => [parameters['training.learningRate'], seed]);
    const rates = (runs: readonly Listed[]) =>
      runs.map(({ folder }) => Number(/learningRate=([\d.]+)/.exec(folder)![1]));
    assert.deepEqual(rates(await where('training.learningRate=0.05', 'state=done')), [0.05, 0.05]);
    assert.deepEqual(rates(await where('training.learningRate>0.05')), [0.1, 0.1, 0.2]);
    assert.deepEqual(rates(await where('training.learningRate<=0.01')), [0.01, 0.01]);
    assert.deepEqual(
      rates(await where('training.learningRate != 0.1', 'seed<2', 'state!=pending')),
      [0.01, 0.01, 0.05],
    );
    assert.deepEqual(rates(await where('state=failed')), [0.01]);
    assert.deepEqual(rates(await where('sweep=shots')), [0.05, 0.2]);
    assert.deepEqual(rates(await where('fewshot.shots=[1, 5]')), [0.05, 0.2]);
    assert.equal((await where('training.l2=0')).length, 7);
    assert.equal((await where('step>300')).length, 5);
    const values = (await listed()).runs.flatMap(({ values: { targetCdnv } }) => targetCdnv ?? []);
    const middle = values.toSorted((a, b) => a - b)[3]!;
    assert.equal((await where(`targetCdnv<${middle}`)).length, 3);
    assert.equal(seeds(await where('training.learningRate=0.05', 'seed=7')).length, 1);
  });

  it('knows the default of a key that a run of an earlier version lacks, and says what it cannot judge', async () => {
    assert.equal((await where('fewshot.C=1')).length, 7);
    assert.equal((await where('training.stopAtLoss=null')).length, 7);
    assert.equal((await listed('--where', 'training.l2=0')).notJudged, 1);
    assert.match(
      await outputOf(['runs', all, '--where', 'training.l2=0']),
      /^1 not shown: they have not started/m,
    );
    assert.match(
      await outputOf(['runs', all, '--where', 'model.name=vgg13', '--where', 'state=done']),
      /^no run of 8; model.name is "resnet18", unknown; state is "failed", "interrupted", "pending", "done"$/m,
    );
  });

  it('puts the best first: the highest accuracy, the lowest of other measures, runs that are not done last', async () => {
    const { runs, fewshot } = await listed('--best', 'fewshot');
    assert.equal(fewshot, 'fewshot_target_5way_5shot_nearest-mean');
    const done = runs.filter(({ state }) => state === 'done').map(({ values }) => values[fewshot]!);
    assert.deepEqual(
      done,
      done.toSorted((a, b) => b - a),
    );
    assert.deepEqual(
      runs.map(({ state }) => state).slice(-3),
      ['failed', 'interrupted', 'pending'].slice(0, 3),
    );
    const byCdnv = (await listed('--best', 'targetCdnv')).runs
      .slice(0, 5)
      .map(({ values }) => values.targetCdnv!);
    assert.deepEqual(
      byCdnv,
      byCdnv.toSorted((a, b) => a - b),
    );
  });

  it('says what keeps runs from being compared down a column, and shows the keys of it however many vary', async () => {
    const folder = join(parent, 'unlike');
    const sweep = (name: string, input: string, config: (run: number) => Record<string, unknown>) =>
      makeSweep(folder, name, {
        ...{ learningRates: [0.05], seeds: [0], epochs: 2, config },
        change: (records) =>
          JSON.parse(JSON.stringify(records).replaceAll('"normalized"', `"${input}"`)) as unknown[],
      });
    const training = { learningRate: 0.05, epochs: 2 };
    sweep('first', 'normalized', () => ({ training }));
    sweep('second', 'pixel', () => ({
      training: { ...training, l2: 0.1, momentum: 0.5, nesterov: true, labelSmoothing: 0.1, batchSize: 7 },
      model: { name: 'resnet10', width: 8 },
      measure: { collapseExamples: 7 },
      fewshot: { C: 10 },
      data: { name: 'cifar-100' },
    }));
    const unlike = [
      'geometric complexity in different input units (normalized, pixel): do not compare it',
      'runs differ in fewshot.C: accuracies of one name are not of one evaluation',
      'runs differ in measure.collapseExamples: measures of one name are not taken in one way',
    ];
    const text = await outputOf(['runs', folder]);
    const [head] = text.split('\n');
    for (const key of ['collapseExamples', 'C', 'data.name'])
      assert.match(head!, new RegExp(` ${key} `), head);
    assert.match(text, /^\d+ more keys vary; --json has them\.$/m);
    assert.deepEqual(
      text.split('\n').filter((line) => line.startsWith('! ')),
      unlike.map((line) => `! ${line}`),
    );
    const json = async (...where: string[]) =>
      JSON.parse(await outputOf(['runs', folder, ...where, '--json'])).problems;
    assert.deepEqual(await json(), unlike);
    assert.deepEqual(await json('--where', 'sweep=first'), []);
  });

  const refused: readonly (readonly [args: readonly string[], says: RegExp])[] = [
    [['--where', 'training.l2'], /^--where training.l2: no condition; a condition is a key, one of/],
    [['--where', 'training.l2='], /^--where training.l2=: no value/],
    [['--where', 'training.l2==0'], /^--where training.l2==0: no operator ==/],
    [['--where', 'training.l3=0'], /^--where training.l3=0: no key training.l3; did you mean training.l2\?$/],
    [['--where', 'learningrate=0.1'], /did you mean training.learningRate\?$/],
    [['--where', 'targetCdvn<1'], /did you mean targetCdnv\?$/],
    [['--where', 'training=1'], /^--where training=1: training is a section; /],
    [['--where', 'seed<few'], /^--where seed<few: < compares numbers, and few is none/],
    [['--where', 'model.name<3'], /^--where model.name<3: < compares numbers, and model.name is "resnet18"$/],
    [
      ['--where', 'state=finished'],
      /^--where state=finished: no state finished; allowed are pending, running, done, failed, interrupted$/,
    ],
    [['--where', 'state!=Done'], /no state Done; allowed are /],
    [
      ['--where', 'state=done and step>3'],
      /^--where state=done and step>3: several conditions; give --where once for each, all must hold$/,
    ],
    [['--where', 'training.l2=0 && step>3'], /: several conditions; /],
    [['--best', 'targetCdvn'], /^--best targetCdvn: no such measure; did you mean targetCdnv\?$/],
    [['--where', '__proto__=1'], /no key __proto__/],
  ];
  for (const [args, says] of refused)
    it(`refuses ${args.join(' ')} in one line`, async () => {
      assert.match(await refusalOf(['runs', all, ...args]), says);
    });

  it('refuses what is no folder of runs', async () => {
    assert.match(
      await refusalOf(['runs', join(parent, 'none')]),
      /none: no such folder; give folders of sweeps or runs$/,
    );
    assert.match(await refusalOf(['runs', join(all, 'notes')]), /no run, no sweep and no folder of sweeps/);
    assert.match(await refusalOf(['runs', join(all, 'shots', 'sweep.yaml')]), /a file; give folders/);
  });

  it('takes a text as it was typed, also where YAML reads a number', async () => {
    const folder = makeSweep(parent, '7', { learningRates: [0.01], seeds: [0] });
    const count = async (condition: string): Promise<number> =>
      JSON.parse(await outputOf(['runs', folder, '--where', condition, '--json'])).runs.length;
    assert.deepEqual([await count('sweep=7'), await count('sweep!=7'), await count('sweep=8')], [1, 0, 0]);
    assert.deepEqual([await count('training.learningRate=1e-2'), await count('training.l2!=0.0')], [1, 0]);
  });

  it('takes single runs and repeated folders, each run once, and tells of damage', async () => {
    const folder = makeSweep(parent, 'damaged', { learningRates: [0.01], seeds: [0, 1] });
    const { runs } = JSON.parse(await outputOf(['runs', folder, '--json'])) as { runs: readonly Listed[] };
    appendFileSync(join(runs[0]!.folder, 'metrics.jsonl'), '{"kind":"epo\n{}\n');
    writeFileSync(join(runs[1]!.folder, 'status.json'), '{"state":');
    const again = JSON.parse(await outputOf(['runs', folder, runs[1]!.folder, folder, '--json']));
    assert.deepEqual(
      again.runs.map(({ state }: Listed) => state),
      ['failed', 'interrupted'],
    );
    assert.match(again.runs[0].problems.join(), /metrics.jsonl: line 13 is damaged/);
    assert.match(await outputOf(['runs', folder]), /^! learningRate=0.01-seed=0\S+: metrics.jsonl: line 13/m);
  });
});
