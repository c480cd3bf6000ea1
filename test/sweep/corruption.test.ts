import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { after, before, test } from 'node:test';
import { readCheckpoint, readMomenta } from '../../src/checkpoint/checkpoint.ts';
import type { RunSpec } from '../../src/config/expand.ts';
import { hashOfConfig, runFolderNameOf } from '../../src/config/run-identity.ts';
import { runConfigSchema } from '../../src/config/schema.ts';
import type { StudyData } from '../../src/data/image-set.ts';
import { loadStudyData } from '../../src/data/study.ts';
import { InputError } from '../../src/input-error.ts';
import { makeNetwork } from '../../src/models/models.ts';
import type { Network } from '../../src/models/network.ts';
import type { StateDict } from '../../src/models/weights.ts';
import { type RunEnd, runInFolder } from '../../src/pipeline/run-in-folder.ts';
import { runOne } from '../../src/pipeline/run-one.ts';
import { startingPoint } from '../../src/pipeline/starting-point.ts';
import { aggregate } from '../../src/report/aggregate.ts';
import { compareFolders } from '../../src/report/compare.ts';
import { compareCsv } from '../../src/report/compare-text.ts';
import { type ReadRun, readSweep } from '../../src/report/read-runs.ts';
import { summaryText } from '../../src/report/summary.ts';
import { writeReport } from '../../src/report/write-report.ts';
import { runPaths } from '../../src/runs/paths.ts';
import {
  planSweep,
  prepareRun,
  type SweepInput,
  type SweepPlan,
  writeSweepFile,
} from '../../src/sweep/plan.ts';
import { statusTable } from '../../src/sweep/status-table.ts';
import { corrupted } from '../fixtures/corrupted.ts';
import { mulberry } from './fixtures/mulberry.ts';
import { resultDigests } from './fixtures/result-digests.ts';

const root = mkdtempSync(join(tmpdir(), 'gcnc-corruption-'));
after(() => rmSync(root, { recursive: true }));

const corruptions = 1000;

const specOf = (learningRate: number): RunSpec => {
  const config = runConfigSchema.parse({
    data: { imageSize: 16, perClass: 2, augmentation: 'none' },
    model: { name: 'resnet10', width: 2 },
    training: { epochs: 3, batchSize: 16, learningRate },
    measure: { examples: 24, collapseExamples: 2 },
    fewshot: { episodes: 4, readouts: ['nearest-mean'] },
  });
  const parameters = { 'training.learningRate': learningRate };
  const hash = hashOfConfig(config);
  return { config, parameters, hash, folderName: runFolderNameOf(parameters, config.seed, hash) };
};
const input: SweepInput = {
  name: 'sweep',
  given: { file: 'sweep.yaml', text: 'seed: 0\n', overrides: [] },
  runs: [specOf(0.01), specOf(0.02)],
};
const planIn = (out: string): SweepPlan => planSweep(input, { out, retryFailed: true, force: false });

const run = (folder: string, stopAfter = Number.POSITIVE_INFINITY): Promise<RunEnd> => {
  let asked = 0;
  return runInFolder(folder, {
    runOne,
    stopRequested: () => ++asked >= stopAfter,
    onProgress: () => {},
    environment: {},
    now: () => new Date(),
    onLockLost: () => {},
  });
};

/** One run done, the other stopped in its third epoch; `whole` holds both done. */
const sweep = join(root, 'sweep');
const whole = join(root, 'whole', 'sweep');
let data: StudyData;
let network: Network;
let folders: readonly [string, string];

before(async () => {
  for (const [out, stopAfter] of [
    [join(root, 'whole'), Number.POSITIVE_INFINITY],
    [root, 7],
  ] as const) {
    const plan = planIn(out);
    writeSweepFile(plan, input);
    for (const each of plan.runs) prepareRun(each);
    assert.equal((await run(plan.runs[0]!.folder)).outcome, 'done');
    await run(plan.runs[1]!.folder, stopAfter);
  }
  const [done, stopped] = planIn(root).runs;
  assert.deepEqual([done?.found.state, stopped?.found.state], ['done', 'interrupted']);
  folders = [done!.folder, stopped!.folder];
  const { config } = done!.spec;
  data = await loadStudyData(config.data, { dataFolder: root });
  const { height, width, channels, classNames } = data.sourceTrain;
  network = makeNetwork(config.model, [height, width, channels], classNames.length);
});

/** One line, and no trace of the program's own insides. */
function assertClear(error: unknown): void {
  assert.ok(error instanceof InputError, (error as Error).stack);
  assert.doesNotMatch(error.message, /\n/);
}

const sha256 = (content: Uint8Array): string => createHash('sha256').update(content).digest('hex');
const digest = (state: StateDict): string =>
  [...state]
    .map(
      ([name, { values }]) =>
        `${name} ${sha256(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))}`,
    )
    .join();

/** Where a run may go on from: each of its checkpoints, by what it holds, and the metrics before it. */
function startingPoints(folder: string): Map<number, string> {
  const { checkpoints, metrics, checkpoint } = runPaths(folder);
  return new Map(
    readdirSync(checkpoints).map((name) => {
      const read = readCheckpoint(checkpoint(Number(name)).folder);
      const { step, epoch, running, metrics: mark } = read.state;
      const before = readFileSync(metrics).subarray(0, mark.bytes);
      return [
        step,
        [
          epoch,
          JSON.stringify(running),
          digest(read.weights),
          ...(read.state.final ? [] : [digest(readMomenta(read))]),
          sha256(before),
        ].join(' '),
      ];
    }),
  );
}

const filesOf = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile());

const numbersOf = ({ epochs, checkpoints }: ReadRun): string => JSON.stringify([epochs, checkpoints]);

test(`${corruptions} corruptions of checkpoints, metrics, status and other files: a clear error or the right result`, async (context) => {
  const random = mulberry(20261125);
  const known = new Map(folders.map((folder) => [folder, startingPoints(folder)]));
  const right = new Map(readSweep(sweep).runs.map((each) => [each.name, numbersOf(each)]));
  const rightDigests = resultDigests(whole);
  const pristine: ReadonlyMap<string, Buffer> = new Map(
    filesOf(sweep).map((path) => [path, readFileSync(path)]),
  );
  const paths = [...pristine.keys()].filter((path) => !/output\.log|log\.jsonl|\/lock\//.test(path));
  const kinds = [/\/checkpoints\//, /metrics\.jsonl$/, /status\.json$/, /\.yaml$|env\.json$/].map((kind) =>
    paths.filter((path) => kind.test(path)),
  );
  const ends = { resumed: 0, fromStart: 0, reported: 0, told: 0, completed: 0, failed: 0 };

  for (let round = 0; round < corruptions; round += 1) {
    const ofKind = kinds[round % kinds.length]!;
    const path = ofKind[Math.floor(random() * ofKind.length)]!;
    const bytes = corrupted(pristine.get(path)!, random);
    const what = `round ${round}: ${relative(root, path)}`;
    writeFileSync(path, bytes);

    try {
      const read = readSweep(sweep);
      const { finished } = aggregate(read);
      for (const { run: each } of finished) {
        assert.equal(numbersOf(each), right.get(each.name), what);
        const config = each.config as { training: { learningRate: number } } | null;
        const spec = input.runs.find(({ folderName }) => folderName === each.name)!;
        if (config !== null) assert.deepEqual(config.training, spec.config.training, what);
      }
      summaryText(aggregate(read), { terminal: false, coloured: false });
      compareCsv(compareFolders([sweep]), compareFolders([sweep]).rows);
      statusTable(planIn(root));
      if (round % 51 === 0) await writeReport(sweep);
      const problems = [
        ...read.problems,
        ...read.runs.flatMap((each) => [...each.problems, each.reason ?? '']),
      ];
      for (const problem of problems) assert.doesNotMatch(problem, /\n/);
      if (finished.length === 1) ends.reported += 1;
      else ends.told += 1;
    } catch (error) {
      assertClear(error);
    }

    for (const [folder, points] of known) {
      const { config } = input.runs[folders.indexOf(folder)]!;
      try {
        const found = startingPoint(runPaths(folder), config, network, data);
        const { step, epoch, running } = found.standing;
        const metrics = readFileSync(runPaths(folder).metrics);
        if (found.checkpoint === null) {
          assert.deepEqual([step, metrics.length], [0, 0], what);
          ends.fromStart += 1;
        } else {
          const is = [
            epoch,
            JSON.stringify(running),
            digest(found.weights),
            // A final checkpoint's are not read.
            ...(found.momenta === null ? [] : [digest(found.momenta)]),
            sha256(metrics),
          ];
          assert.equal(is.join(' '), points.get(step), what);
          ends.resumed += 1;
        }
      } catch (error) {
        assertClear(error);
      }
      writeFileSync(runPaths(folder).metrics, pristine.get(runPaths(folder).metrics)!);
    }

    if (round % 21 === 0) {
      const out = join(root, 'resumed');
      writeFileSync(path, bytes);
      cpSync(sweep, join(out, 'sweep'), { recursive: true });
      let failures = 0;
      for (const each of planIn(out).runs) {
        if (!each.toDo) continue;
        prepareRun(each);
        const { outcome, reason } = await run(each.folder);
        if (outcome === 'done') continue;
        assert.equal(outcome, 'failed', what);
        assert.match(reason!, /^.+; --force runs it again beside$/, what);
        failures += 1;
      }
      if (failures === 0) {
        // A damaged checkpoint that no run goes on from stays as it is, and says so when it is read.
        const found = resultDigests(join(out, 'sweep'));
        const different = Object.keys({ ...found, ...rightDigests }).filter(
          (name) => found[name] !== rightDigests[name],
        );
        assert.ok(
          different.every((name) => join(sweep, name) === path && name.includes('/checkpoints/')),
          `${what}: ${different}`,
        );
        for (const name of different) {
          const damaged = join(out, 'sweep', name, '..');
          assert.throws(() => readMomenta(readCheckpoint(damaged)), InputError, what);
        }
        ends.completed += 1;
      } else ends.failed += 1;
      rmSync(out, { recursive: true });
    }
    for (const each of filesOf(sweep)) if (!pristine.has(each)) rmSync(each);
    for (const [each, content] of pristine)
      if (!readFileSync(each).equals(content)) writeFileSync(each, content);
  }
  context.diagnostic(JSON.stringify(ends));
  for (const [end, count] of Object.entries(ends)) assert.ok(count > 0, `${end}: ${JSON.stringify(ends)}`);
});
