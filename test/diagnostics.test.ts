import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { describe, it } from 'node:test';
import { levelOf, readable } from '../src/diagnostics.ts';
import { InputError } from '../src/input-error.ts';

const script = `
  const { diagnostics, setDiagnosticsLevel } = await import('./src/diagnostics.ts');
  setDiagnosticsLevel(process.env);
  diagnostics.warn('a warning');
  diagnostics.debug({ seconds: 0.5, kernels: 'gcnc' }, 'a detail');`;
const saidAt = (GCNC_LOG: string): string =>
  spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
    cwd: resolve(import.meta.dirname, '..'),
    encoding: 'utf8',
    env: { ...process.env, GCNC_LOG },
  }).stderr;

describe('diagnostic lines', () => {
  it('are warnings as plain text where GCNC_LOG says nothing', () => assert.equal(saidAt(''), 'a warning\n'));

  it('are details too, with their values, where GCNC_LOG is debug', () =>
    assert.equal(saidAt('debug'), 'a warning\ndebug: a detail  seconds=0.5  kernels=gcnc\n'));

  it('are none where GCNC_LOG is silent', () => assert.equal(saidAt('silent'), ''));

  it('refuse a level that is none', () =>
    assert.throws(
      () => levelOf('loud'),
      new InputError('GCNC_LOG is loud; allowed are silent, error, warn, info, debug, trace'),
    ));

  it('show structured values as JSON', () =>
    assert.equal(readable('{"level":"info","time":"t","msg":"m","list":[1,2]}'), 'info: m  list=[1,2]\n'));
});
