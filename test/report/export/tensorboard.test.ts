import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, describe, test } from 'node:test';
import { integer } from '../../../src/report/export/protobuf.ts';
import { writeTensorBoard } from '../../../src/report/export/tensorboard.ts';
import { crc32c } from '../../../src/report/export/tfrecord.ts';
import { readSweep } from '../../../src/report/read-runs.ts';
import { makeSweep } from '../sweep-folder.ts';
import { pythonWith, startServer } from './reference-python.ts';

const parent = mkdtempSync(join(tmpdir(), 'gcnc-tensorboard-'));
after(() => rmSync(parent, { recursive: true }));
const { python, skip } = pythonWith(['tensorboard']);

describe('the bytes of an event file', () => {
  test("CRC-32C gives the check values of RFC 3720 and of the polynomial's catalogue", () => {
    assert.equal(crc32c(Buffer.from('123456789')), 0xe3069283);
    assert.equal(crc32c(Buffer.alloc(32)), 0x8a9136aa);
    assert.equal(crc32c(Buffer.alloc(32, 0xff)), 0x62a8ab43);
  });

  test('integers are varints beyond 32 bits; what has none is refused', () => {
    assert.deepEqual([...integer(1, 300)], [0x08, 0xac, 0x02]);
    assert.deepEqual([...integer(1, 2 ** 35)], [0x08, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01]);
    assert.throws(() => integer(1, -1), RangeError);
    assert.throws(() => integer(1, 0.5), RangeError);
  });
});

describe('the real TensorBoard', () => {
  test('shows the scalars, hyperparameters and states of an exported sweep', { skip }, async () => {
    const folder = makeSweep(parent, 'lr', {
      learningRates: [0.01, 0.1],
      seeds: [0, 4294967295],
      epochs: 3,
      states: { 3: { state: 'failed', reason: 'loss is NaN' } },
    });
    const sweep = readSweep(folder);
    const logs = join(parent, 'logs');
    // Written twice: nothing may show up twice.
    writeTensorBoard(sweep, logs);
    assert.equal(writeTensorBoard(sweep, logs).length, 4);
    const board = await startServer(
      join(dirname(python), 'tensorboard'),
      (port) => ['--logdir', logs, '--host', '127.0.0.1', '--port', String(port)],
      '/data/logdir',
    );
    try {
      const ask = async (path: string, body?: object) => {
        const post = {
          method: 'POST',
          body: JSON.stringify(body),
          headers: { 'content-type': 'application/json' },
        };
        const response = await fetch(`${board.url}/data/plugin/${path}`, body === undefined ? {} : post);
        return JSON.parse(await response.text());
      };
      const groupsOf = () =>
        ask('hparams/session_groups', {
          experimentName: '',
          allowedStatuses: ['STATUS_SUCCESS', 'STATUS_FAILURE', 'STATUS_RUNNING', 'STATUS_UNKNOWN'],
          colParams: [{ hparam: 'training.learningRate' }],
          startIndex: 0,
          sliceSize: 10,
        });
      // It reads the files in the background.
      let groups = await groupsOf();
      while ((groups.sessionGroups ?? []).length < 4) groups = await groupsOf();

      const run = sweep.runs[0]!;
      const tag = 'sourceTrain/geometricComplexity';
      const points = await ask(
        `scalars/scalars?run=${encodeURIComponent(run.name)}&tag=${encodeURIComponent(tag)}`,
      );
      assert.deepEqual(
        points.map(([, step, value]: [number, number, number]) => [step, value]),
        run.checkpoints.map(({ step, measures }) => [
          step,
          Math.fround(measures[0]!.geometricComplexity.value!),
        ]),
      );
      const tags = await ask('scalars/tags');
      assert.ok(!Object.keys(tags[run.name]).some((name) => name.startsWith('_hparams_')));
      assert.ok(tags[run.name]['epoch/trainLoss'] && tags[run.name]['fewshot_target/5way_5shot_logistic']);

      const experiment = await ask('hparams/experiment', { experimentName: '', hparamsLimit: 100 });
      assert.deepEqual(
        experiment.hparamInfos
          .map(({ name, domainDiscrete }: { name: string; domainDiscrete: number[] }) => [
            name,
            domainDiscrete,
          ])
          .sort(),
        [
          ['seed', [0, 4294967295]],
          ['training.learningRate', [0.01, 0.1]],
        ],
      );
      interface Group {
        readonly name: string;
        readonly hparams: Readonly<Record<string, number>>;
        readonly sessions: readonly { readonly status: string }[];
        readonly metricValues: readonly { readonly name: { readonly tag: string }; readonly value: number }[];
      }
      const found = new Map((groups.sessionGroups as Group[]).map((group) => [group.name, group]));
      for (const each of sweep.runs) {
        const { hparams, sessions, metricValues } = found.get(each.name)!;
        const { seed, training } = each.config as { seed: number; training: { learningRate: number } };
        assert.deepEqual(hparams, { seed, 'training.learningRate': training.learningRate });
        assert.equal(sessions[0]!.status, each.state === 'done' ? 'STATUS_SUCCESS' : 'STATUS_FAILURE');
        const target = each.checkpoints.at(-1)!.measures.find(({ split }) => split === 'target')!;
        const shown = metricValues.find(({ name }) => name.tag === 'target/cdnv')!;
        assert.equal(shown.value, Math.fround(target.neuralCollapse.cdnv!));
      }
    } finally {
      await board.stop();
    }
  });

  test('an export is the same bytes each time', () => {
    const sweep = readSweep(makeSweep(parent, 'same', { learningRates: [0.01, 0.1], seeds: [0], epochs: 2 }));
    const bytes = ['a', 'b'].map((name) => {
      const [first] = writeTensorBoard(sweep, join(parent, name));
      return readFileSync(join(first!, 'events.out.tfevents.0000000000.gcnc'));
    });
    assert.ok(bytes[0]!.length > 1000 && bytes[0]!.equals(bytes[1]!));
  });
});

test('written again, it holds nothing of a run that is no longer in the sweep, and all else in the folder', () => {
  const made = { learningRates: [0.01, 0.1], seeds: [0], epochs: 2 };
  const out = join(parent, 'again');
  const [first] = writeTensorBoard(readSweep(makeSweep(parent, 'two', made)), out);
  const other = join(first!, 'notes.txt');
  writeFileSync(other, 'mine');
  const kept = writeTensorBoard(readSweep(makeSweep(parent, 'one', { ...made, learningRates: [0.1] })), out);
  const events = readdirSync(out, { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.includes('tfevents'),
  );
  assert.equal(kept.length, 1);
  assert.equal(events.length, 2);
  assert.equal(readFileSync(other, 'utf8'), 'mine');
});
