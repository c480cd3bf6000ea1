import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkEnvironmentWords } from '../src/environment-words.ts';
import { InputError } from '../src/input-error.ts';
import { refusalOf } from './cli/in-process.ts';

describe('variables of the environment that take words', () => {
  it('refuse another word, which would do nothing, in any command', async () => {
    assert.equal(
      await refusalOf(['measure', 'x.npz'], { GCNC_DEVICE: 'cuda' }),
      'GCNC_DEVICE is cuda; allowed are cpu, gpu',
    );
    for (const [name, value, allowed] of [
      ['GCNC_DEVICE', 'CPU', 'cpu, gpu'],
      ['GCNC_DETERMINISTIC', 'false', '0, 1'],
      ['GCNC_DEBUG', 'true', '0, 1'],
    ] as const)
      assert.throws(
        () => checkEnvironmentWords({ [name]: value }),
        new InputError(`${name} is ${value}; allowed are ${allowed}`),
      );
  });

  it('may be empty, as if they were not set', () => {
    checkEnvironmentWords({ GCNC_DEVICE: '', GCNC_DETERMINISTIC: '', GCNC_DEBUG: '' });
    checkEnvironmentWords({ GCNC_DEVICE: 'gpu', GCNC_DETERMINISTIC: '0', GCNC_DEBUG: '1' });
  });
});
