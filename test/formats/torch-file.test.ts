import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { zipSync } from 'fflate';
import { toFloat32 } from '../../src/formats/safetensors.ts';
import { readTorchFile } from '../../src/formats/torch-file.ts';
import { InputError } from '../../src/input-error.ts';
import { randomStream } from '../../src/random/random.ts';

// fixtures/torch-files.py wrote the files with torch.save, and expected.json with torch's own values.
const fixture = (name: string) => fileURLToPath(new URL(`fixtures/torch/${name}`, import.meta.url));
type Expected = Record<string, Record<string, [shape: number[], values: number[]]>>;
const expected = JSON.parse(readFileSync(fixture('expected.json'), 'utf8')) as Expected;

for (const [name, tensors] of Object.entries(expected))
  test(`${name}: names, shapes and values are torch's, whatever the strides and types`, () => {
    const read = readTorchFile(fixture(name));
    assert.deepEqual([...read.keys()], Object.keys(tensors));
    for (const [key, [shape, values]] of Object.entries(tensors)) {
      assert.deepEqual(read.get(key)?.shape, shape, key);
      assert.deepEqual([...toFloat32(read.get(key)!)], values.map(Math.fround), key);
    }
  });

const refused = (path: string, message: RegExp) =>
  assert.throws(
    () => readTorchFile(path),
    (error: Error) =>
      error instanceof InputError && message.test(error.message) && !error.message.includes('\n'),
    String(message),
  );

test('what is no state dict in a zip file is refused in one line', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'gcnc-torch-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = (pickle: string, more: Record<string, Uint8Array> = {}) => {
    const path = join(folder, 'w.pt');
    const entries = { 'w/data.pkl': Buffer.from(pickle, 'latin1'), ...more };
    writeFileSync(path, zipSync(entries, { level: 0 }));
    return path;
  };
  refused(fixture('whole-module.pt'), /names the Python object torch\.nn\.modules\.\S+, which is not read/);
  refused(
    fixture('whole-module-legacy.pt'),
    /names the Python object torch\.nn\.modules\.\S+, which is not read/,
  );
  refused(file("cos\nsystem\n(S'true'\ntR."), /names the Python object os\.system/);
  refused(file('}.'), /no state dict with convolutions at the top or within dicts; found nothing/);
  refused(file('].'), /expected a state dict/);
  const tensor = (shape: string, stride: string) =>
    `(S'a.weight'\nctorch._utils\n_rebuild_tensor_v2\n((S'storage'\nctorch\nFloatStorage\nS'0'\nS'cpu'\nI4\ntQI0\n(${shape}t(${stride}tI00\n}tRd.`;
  const data = { 'w/data/0': new Uint8Array(16) };
  assert.deepEqual(
    readTorchFile(file(tensor('I1\nI1\nI2\nI2\n', 'I4\nI4\nI2\nI1\n'), data)).get('a.weight')?.shape,
    [1, 1, 2, 2],
  );
  refused(file(tensor('I1\nI1\nI2\nI2\n', 'I4\nI4\nI2\nI1\n')), /storage 0 is missing/);
  refused(file(tensor('I3\nI2\n', 'I2\nI1\n'), data), /shape \[3,2\] lies outside its storage of 4 values/);
  refused(file(tensor('I100000\nI100000\n', 'I0\nI0\n'), data), /makes more of its tensors than it holds/);
  refused(file(tensor('I2\n', 'I-1\n'), data), /without valid storage/);
});

test('one of several state dicts is chosen by its key, and none by itself', () => {
  const path = fixture('several.pt');
  refused(path, /several\.pt: holds several state dicts: model, model_ema; choose one with --state-dict$/);
  assert.deepEqual([...readTorchFile(path, 'model').keys()].length, 7);
  assert.ok(readTorchFile(path, 'model_ema').has('module.0.weight'));
  assert.throws(() => readTorchFile(path, 'ema'), /--state-dict ema: it holds model, model_ema$/);
});

test('500 damaged files are read or refused in one line', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'gcnc-torch-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'damaged.pt');
  const names = Object.keys(expected);
  const random = randomStream(22);
  let refusals = 0;
  for (let i = 0; i < 500; i++) {
    const bytes = Uint8Array.from(readFileSync(fixture(names[i % names.length]!)));
    for (let k = 0; k < 4; k++) bytes[random.below(bytes.length)] = random.below(256);
    writeFileSync(path, i % 5 === 0 ? bytes.subarray(0, random.below(bytes.length)) : bytes);
    try {
      readTorchFile(path);
    } catch (error) {
      assert.ok(error instanceof InputError && !error.message.includes('\n'), String((error as Error).stack));
      refusals += 1;
    }
  }
  assert.ok(refusals > 250, `${refusals} of 500`);
});
