import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, describe, it } from 'node:test';
import type { ErrorRecord } from '../../src/cli/error-json.ts';
import { writeNpz } from '../../src/formats/npz.ts';
import { sampleEmbeddings, sampleSets } from '../fewshot/samples.ts';
import { makeSweep } from '../report/sweep-folder.ts';
import { gcnc } from './in-process.ts';

const root = mkdtempSync(join(tmpdir(), 'gcnc-error-json-'));
after(() => rmSync(root, { recursive: true }));

const written = (name: string, text: string): string => {
  writeFileSync(join(root, name), text);
  return join(root, name);
};

/** The record of a command that is refused; its message is also the one line on standard error. */
async function recordOf(...args: string[]): Promise<ErrorRecord> {
  const { status, stdout, stderr } = await gcnc([...args, '--json']);
  const { error, ...rest } = JSON.parse(stdout) as { error: ErrorRecord };
  assert.deepEqual(rest, {});
  assert.equal(error.exitCode, status);
  assert.equal(stderr, `${error.message}\n`);
  return error;
}

const nothing = { file: null, line: null, column: null, key: null, suggestion: null };

describe('with --json an error is an object', () => {
  const files: readonly (readonly [what: string, text: string, record: Partial<ErrorRecord>])[] = [
    [
      'YAML that is none',
      'training:\n  epochs: [1, 2\n',
      { code: 'not-yaml', line: 3, column: 1, key: null },
    ],
    ['a key given twice', 'seed: 1\nseed: 2\n', { code: 'not-yaml', line: 2, column: 1, key: null }],
    [
      'an unknown key',
      'training:\n  epochs: 2\n  learningrate: 0.1\n',
      {
        code: 'unknown-key',
        line: 3,
        column: 3,
        key: 'training.learningrate',
        suggestion: 'learningRate',
      },
    ],
    [
      'an unknown key of the sweep',
      'sweep:\n  grid:\n    training.l3: [0, 1]\n',
      { code: 'unknown-key', line: 3, column: 5, suggestion: 'training.l2' },
    ],
    [
      'a wrong value',
      'training:\n  learningRate: -1\n',
      { code: 'bad-value', line: 2, column: 17, key: 'training.learningRate', suggestion: null },
    ],
    [
      'a wrong value in the sweep',
      'sweep:\n  grid:\n    training.batchSize: [8, 0]\n',
      { code: 'bad-value', line: 3, column: 29, suggestion: null },
    ],
    ['a value that is missing', 'training:\n  epochs:\n', { code: 'missing-value', line: 2, column: 3 }],
    [
      'two keys that contradict each other',
      'data: { name: glyphs }\ntraining: { nesterov: true, momentum: 0 }\n',
      { code: 'bad-value', line: 2 },
    ],
    ['an empty file', '', { code: 'missing-value', line: null, key: null }],
  ];
  for (const [index, [what, text, record]] of files.entries())
    it(`${what}: code, file, line, column, key`, async () => {
      const path = written(`${index}.yaml`, text);
      for (const command of [['config'], ['sweep', '--dry-run'], ['train', '--dry-run']]) {
        const found = await recordOf(command[0]!, path, ...command.slice(1));
        assert.equal(found.file, path);
        assert.equal(found.exitCode, 2);
        const { message: _, ...known } = found;
        assert.deepEqual({ ...known, ...record }, known, JSON.stringify(found));
      }
    });

  it('an override: its key, and no file', async () => {
    const path = written('good.yaml', 'seed: 1\n');
    const { message, ...record } = await recordOf('config', path, 'training.lr=1');
    assert.match(message, /^override training.lr=1: unknown key "lr" in training/);
    assert.deepEqual(record, {
      ...nothing,
      code: 'unknown-key',
      exitCode: 2,
      key: 'training.lr',
      suggestion: 'learningRate',
    });
  });

  it('the file that is extended, with its own place', async () => {
    const base = written('base.yaml', 'model:\n  witdh: 4\n');
    const child = written('child.yaml', 'extends: base.yaml\n');
    const { file, line, column, suggestion } = await recordOf('config', child);
    assert.deepEqual([file, line, column, suggestion], [base, 2, 3, 'width']);
  });

  it('files and folders that are not there', async () => {
    const none = join(root, 'none');
    for (const args of [
      ['sweep', none],
      ['config', none],
      ['report', none],
      ['compare', none],
      ['runs', none],
      ['watch', none],
      ['export', none, '--to', 'csv'],
    ]) {
      const { file, code } = await recordOf(...args);
      assert.deepEqual([code, file], ['no-such-file', none], args.join(' '));
    }
    for (const args of [
      ['measure', none],
      ['eval', none],
      ['embed', none, '--out', join(root, 'e.npz')],
      ['import', none, '--model', 'resnet18', '--out', join(root, 'imported')],
    ]) {
      const { exitCode, code, message, file } = await recordOf(...args);
      assert.deepEqual([exitCode, code], [2, 'no-such-file']);
      assert.ok(message.includes(none), message);
      assert.ok(file?.startsWith(none), String(file));
    }
  });

  it('files that are not there and are named beside another: the same', async () => {
    const at = (name: string): string => join(root, name);
    const good = written('a.csv', 'evaluated,list,episode,shots,readout,accuracy\nx,aa,0,5,cosine,0.5\n');
    const { labels, values, dimension } = sampleEmbeddings('narrow6', sampleSets.narrow6);
    writeNpz(at('emb.npz'), {
      embeddings: { shape: [labels.length, dimension], values },
      labels: { shape: [labels.length], values: labels },
    });
    const pth = written('a.pth', 'weights');
    for (const [missing, ...args] of [
      ['nope.json', 'eval', at('emb.npz'), '--episode-list', at('nope.json')],
      ['nope.npz', 'eval', at('nope.npz')],
      ['nope.npz', 'eval', at('emb.npz'), '--C', 'auto', '--validation', at('nope.npz')],
      ['nope.pth', 'import', at('nope.pth'), '--model', 'resnet18', '--out', at('x')],
      ['nope.txt', 'import', pth, '--model', 'resnet18', '--class-names', at('nope.txt'), '--out', at('x')],
      ['nope.csv', 'compare', good, at('nope.csv')],
    ] as const) {
      const { code, file, message } = await recordOf(...args);
      assert.deepEqual([code, file], ['no-such-file', at(missing)], message);
    }
    const data = await recordOf(
      'sweep',
      written('npz.yaml', `data: { name: ${at('nope.npz')} }\n`),
      '--dry-run',
    );
    assert.deepEqual([data.code, data.key], ['no-such-file', 'data.name']);
  });

  it('a folder in place of a file, in words', async () => {
    const folder = join(root, 'folder.npz');
    mkdirSync(folder);
    const { code, message } = await recordOf('eval', folder);
    assert.deepEqual([code, message], ['wrong-input', `${folder}: is a folder; give a file`]);
  });

  it('the command line itself, with what was probably meant', async () => {
    assert.deepEqual(await recordOf('swep', 'a.yaml'), {
      ...nothing,
      code: 'usage',
      exitCode: 2,
      message: "error: unknown command 'swep' (Did you mean sweep?); gcnc --help lists the commands",
      suggestion: 'sweep',
    });
    const { code, suggestion } = await recordOf('report', 'x', '--jsom');
    assert.deepEqual([code, suggestion], ['usage', '--json']);
  });

  it('a record that is damaged: its file', async () => {
    const folder = join(root, 'damaged');
    mkdirSync(folder);
    const checkpoint = makeSweep(root, 'sweep', { learningRates: [0.01], seeds: [0] });
    const runs = JSON.parse((await gcnc(['runs', checkpoint, '--json'])).stdout).runs;
    const step = join(runs[0].folder, 'checkpoints', '600');
    mkdirSync(step, { recursive: true });
    writeFileSync(join(step, 'state.json'), '{"step": ');
    writeFileSync(join(step, 'config.yaml'), 'seed: 0\n');
    for (const command of ['measure', 'eval']) {
      const { code, file, exitCode } = await recordOf(command, step);
      assert.deepEqual([code, exitCode], ['wrong-input', 2]);
      assert.ok(file?.startsWith(step), String(file));
    }
    // A sweep's damaged records are no error: its report tells of them.
    writeFileSync(join(runs[0].folder, 'metrics.jsonl'), '{"kind":\n{"kind":\n');
    const { status, stdout } = await gcnc(['report', checkpoint, '--json']);
    assert.equal(status, 0);
    assert.match(JSON.parse(stdout).problems.join('\n'), /metrics.jsonl: line 1 is damaged/);
  });

  it('from a process of its own, with its exit code', () => {
    const main = resolve(import.meta.dirname, '../../src/cli/main.ts');
    const { status, stdout } = spawnSync(
      process.execPath,
      ['--import', 'tsx', main, 'config', join(root, 'none'), '--json'],
      { encoding: 'utf8' },
    );
    assert.equal(status, 2);
    assert.equal(JSON.parse(stdout).error.code, 'no-such-file');
  });
});
