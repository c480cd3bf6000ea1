import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { useOwnKernels } from '../../src/backend/own-kernels.ts';

const folder = mkdtempSync(join(tmpdir(), 'gcnc-kernels-'));
after(() => rmSync(folder, { recursive: true }));
const broken = join(folder, 'broken.node');
writeFileSync(broken, 'no addon');
const missing = join(folder, 'missing.node');

const flags = new Set(['avx2', 'fma', 'avx512f', 'avx512bw', 'avx512vl', 'avx512dq', 'avx512_bf16']);
const can = { isGpu: false, flags };
const only = {
  skip: process.platform === 'linux' && process.arch === 'x64' ? false : 'Linux on x86-64 only',
};

test("on request, on a GPU and on a processor without the instructions TensorFlow's kernels do the work", () => {
  const why = (asked: string, machine: Parameters<typeof useOwnKernels>[2]): string | null => {
    const { kernels, why, remedy } = useOwnKernels(broken, asked, machine);
    assert.deepEqual([kernels, remedy], ['tensorflow', null], 'and the addon is not even loaded');
    return why;
  };
  assert.equal(why('tensorflow', can), 'GCNC_KERNELS=tensorflow');
  assert.match(why('', { isGpu: true, flags }) ?? '', /a GPU is used/);
  if (only.skip) return;
  const older = new Set(flags);
  older.delete('avx512_bf16');
  assert.equal(why('', { isGpu: false, flags: older }), 'this processor lacks avx512_bf16');
});

test('kernels that set-up has not compiled', only, () => {
  assert.deepEqual(useOwnKernels(missing, '', can), {
    kernels: 'tensorflow',
    why: "gcnc's own are not compiled",
    remedy: 'npm run setup',
  });
});

test('kernels that do not load stop nothing: one line on standard error names the cause', only, (context) => {
  const printed = context.mock.method(process.stderr, 'write', () => true);
  const { kernels, why, remedy } = useOwnKernels(broken, '', can);
  printed.mock.restore();
  assert.equal(kernels, 'tensorflow');
  assert.match(why ?? '', /^gcnc's own kernels do not load: .*broken\.node: file too short$/);
  assert.equal(remedy, 'npm run setup -- --force');
  const lines = printed.mock.calls.map((call) => String(call.arguments[0]));
  assert.equal(lines.length, 1);
  assert.match(lines[0]!, /^gcnc: gcnc's own kernels do not load: .*file too short; .* slower; .*\n$/);
});

test('GCNC_KERNELS=gcnc fails where they cannot be used, and other names are refused', () => {
  assert.throws(() => useOwnKernels(missing, 'gcnc', { isGpu: true, flags }), {
    name: 'InputError',
    message: "GCNC_KERNELS=gcnc: gcnc's own run on the processor, and a GPU is used",
  });
  assert.throws(() => useOwnKernels(missing, 'fast', can), {
    name: 'InputError',
    message: 'GCNC_KERNELS is fast; allowed are gcnc and tensorflow',
  });
});
