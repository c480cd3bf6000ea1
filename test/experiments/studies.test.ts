import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, describe, test } from 'node:test';
import { headerOf } from '../../experiments/header.ts';
import { between, replaceBetween, withMarkers } from '../../experiments/markers.ts';
import { plannedHashes } from '../../experiments/provenance.ts';
import { reuseRuns } from '../../experiments/reuse-runs.ts';
import { studiesIn } from '../../experiments/studies.ts';
import { checkpointValues } from '../../experiments/values.ts';
import { configText } from '../../src/config/config-file.ts';
import { expandSweep } from '../../src/config/expand.ts';
import { loadSweepFile } from '../../src/config/load.ts';
import { contentsReader } from '../../src/pipeline/given-contents.ts';
import { makeSweep } from '../report/sweep-folder.ts';

const root = mkdtempSync(join(tmpdir(), 'gcnc-studies-'));
after(() => rmSync(root, { recursive: true, force: true }));
const write = (path: string, text: string): string => {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
};

const header = `# Question: does more label smoothing do so,
#           at this rate?
# Overview: label smoothing, glyphs
# Reported: GC falls as smoothing rises
# At loss:  0.4 nat
`;
const sweep = 'sweep: { grid: { training.labelSmoothing: [0, 0.1] }, seeds: [0, 1, 2] }\n';

describe("an experiment is one YAML file: its study is read from the config's header", () => {
  test('all of it', () => {
    write('all/9-smoothing/smoothing.small.yaml', `${header}\n${sweep}`);
    assert.deepEqual(studiesIn(join(root, 'all')), [
      {
        id: '9-smoothing/smoothing',
        title: 'label smoothing, glyphs',
        question: 'does more label smoothing do so, at this rate?',
        key: 'training.labelSmoothing',
        reported: -1,
        equalLoss: 0.4,
        stopsAtLoss: false,
        figures: [
          'sourceGc-by-loss',
          'targetCdnv-by-sourceGc',
          'fewshot_target_5way_5shot_logistic-by-sourceGc',
        ],
        transfer: true,
      },
    ]);
  });

  test("the figure of few-shot accuracy is of the config's own episodes: most shots, first readout", () => {
    const fewshot = 'fewshot: { ways: 3, shots: [1, 2], readouts: [ridge, knn] }';
    write('shots/1-a/a.small.yaml', `${header}\n${fewshot}\n${sweep}`);
    assert.equal(
      studiesIn(join(root, 'shots'))[0]!.figures[2],
      'fewshot_target_3way_2shot_ridge-by-sourceGc',
    );
  });

  test('those whose runs others take over come first, and a study with a script of its own is left out', () => {
    write('order/1-a/b.small.yaml', `${header}\n${sweep}`);
    write('order/1-a/a.small.yaml', `${header}\nextends: b.small.yaml\nname: a\n`);
    write('order/1-a/c.small.yaml', `# Script: run.ts\n${header}\n${sweep}`);
    write('order/1-a/d.paper.yaml', 'seed: 0\n');
    assert.deepEqual(
      studiesIn(join(root, 'order')).map(({ id }) => id),
      ['1-a/b', '1-a/a'],
    );
  });

  for (const [name, text, message] of [
    ['no overview', header.replace('Overview', 'Title'), /no line "# Overview: ..."/],
    ['no direction', header.replace(/# Reported.*\n/, ''), /no line "# Reported: ..."/],
    [
      'another direction',
      header.replace('falls', 'sinks'),
      /"# Reported: GC sinks as smoothing rises" does not match/,
    ],
    ['a loss without its unit', header.replace('0.4 nat', '0.4'), /"# At loss: 0.4" does not match/],
  ] as const)
    test(`${name} is refused`, () => {
      const at = name.replaceAll(' ', '-');
      write(`${at}/1-a/a.small.yaml`, `${text}\n${sweep}`);
      assert.throws(() => studiesIn(join(root, at)), message);
    });

  test('only the comment before the first line that is none counts', () => {
    assert.deepEqual([...headerOf('# One: 1\n#   more\n\n# Two: 2\n')], [['One', '1 more']]);
    assert.deepEqual([...headerOf('name: x\n# Two: 2\n')], []);
  });

  test('its section is added to a document that has none', () => {
    const text = withMarkers('# 9-smoothing\n', 'smoothing', 'label smoothing, glyphs');
    assert.equal(between(text, 'smoothing'), '');
    assert.match(
      replaceBetween(text, 'smoothing', 'table'),
      /^# 9-smoothing\n\n## label smoothing, glyphs\n\n<!-- .*\n\ntable\n/,
    );
  });
});

describe('runs that another sweep has made are taken from there', () => {
  const config = write('reuse/configs/x.small.yaml', `name: new\n${sweep}`);
  const [first, second, third] = expandSweep(loadSweepFile(config).file);
  const run = (sweepName: string, name: string, state: string, mark: string): void => {
    const at = new Date(0).toISOString();
    const given = { attempt: 1, pid: 1, host: 'none', start: at, heartbeat: at, reason: null, metrics: null };
    const status = { format: 1, state, ...given };
    write(`reuse/runs/${sweepName}/${name}/status.json`, JSON.stringify(status));
    write(`reuse/runs/${sweepName}/${name}/mark`, mark);
  };
  const out = join(root, 'reuse/runs');
  run('old', first!.folderName, 'done', 'first attempt');
  run('old', `${first!.folderName}.retry2`, 'done', 'after --force');
  run('old', second!.folderName, 'done', 'first attempt');
  run('old', `${second!.folderName}.retry2`, 'failed', 'after --force');
  run('old', third!.folderName, 'done', 'other');
  run('new', `${third!.folderName}.retry2`, 'done', 'own, after --force');
  write('reuse/runs/notes.txt', 'a file among the sweeps');
  reuseRuns(config, out, 'new');
  const mark = (folderName: string): string | null => {
    const path = join(out, 'new', folderName, 'mark');
    return existsSync(path) ? readFileSync(path, 'utf8') : null;
  };

  test('the latest attempt, where that is done', () => {
    assert.equal(mark(first!.folderName), 'after --force');
    assert.equal(mark(second!.folderName), null);
  });

  test('and none that the sweep has itself, under any attempt', () => {
    assert.equal(mark(third!.folderName), null);
  });
});

test('a run of a config that names a file is a run that the config asks for, though its hash is of what the file holds', () => {
  const split = write('held/classes.yaml', 'seed: 1\nsource: 20\ntarget: 10\n');
  const config = write(
    'held/9-held/held.small.yaml',
    `name: held\ndata: { split: ${split} }\nsweep: { grid: { training.learningRate: [0.1, 0.2] } }\n`,
  );
  const folder = makeSweep(join(root, 'held/runs'), 'held', { learningRates: [0.1, 0.2], seeds: [0] });
  const { file } = loadSweepFile(config);
  const specs = expandSweep(file, undefined, contentsReader(join(root, 'held/cache')));
  const made = readdirSync(folder).filter((name) => name.startsWith('learningRate'));
  const runs = specs.map((spec, index) => {
    const name = made.find((each) => each.startsWith(`learningRate=${spec.config.training.learningRate}-`))!;
    writeFileSync(join(folder, name, 'config.yaml'), configText(spec.config));
    renameSync(join(folder, name), join(folder, spec.folderName));
    return { folder: spec.folderName, parameters: { 'training.learningRate': [0.1, 0.2][index] } };
  });
  writeFileSync(join(folder, 'sweep.yaml'), JSON.stringify({ name: 'held', runs }));
  const hashes = new Set(checkpointValues(folder, 'training.learningRate').map(({ hash }) => hash));
  assert.deepEqual([...hashes].sort(), [...plannedHashes(config)].sort());
  assert.ok(specs.every(({ hash }) => !hashes.has(hash)));
});
