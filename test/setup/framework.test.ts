import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, describe, it } from 'node:test';
import { addonPath } from '../../src/backend/load.ts';

const root = mkdtempSync(join(tmpdir(), 'gcnc-framework-'));
after(() => rmSync(root, { recursive: true }));
const project = resolve(import.meta.dirname, '../..');
const addon = join(addonPath(), '../gcnc_framework.node');

const node = (script: string, environment: NodeJS.ProcessEnv = {}) => {
  const { TF_CPP_MIN_LOG_LEVEL: _, GCNC_LOG: __, ...env } = process.env;
  return spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
    cwd: project,
    encoding: 'utf8',
    env: { ...env, ...environment },
  });
};

describe('the terminal', () => {
  const load = `
    const { loadTensorFlow } = await import('./src/backend/load.ts');
    loadTensorFlow();
    console.error('and this');`;

  it('sees nothing of TensorFlow being loaded, and all that comes after', () => {
    const { stderr, status } = node(load);
    assert.equal(stderr, 'and this\n');
    assert.equal(status, 0);
  });

  it('sees what TensorFlow prints with GCNC_LOG=debug', () => {
    assert.match(node(load, { GCNC_LOG: 'debug' }).stderr, /oneDNN custom operations are on/);
  });
});

describe('a library that prints while it is loaded', () => {
  const library = join(root, 'noisy.so');
  writeFileSync(
    join(root, 'noisy.cc'),
    `#include <cstdio>
     #include <cstdlib>
     __attribute__((constructor)) void Print() {
       fprintf(stderr, "I0000 port.cc:153] oneDNN custom operations are on.\\nE0000 no such device");
       if (getenv("CRASH")) abort();
     }`,
  );
  const compiler = process.env.CXX || 'c++';
  const made = spawnSync(compiler, ['-shared', '-fPIC', join(root, 'noisy.cc'), '-o', library]);
  const load = (environment: NodeJS.ProcessEnv) =>
    node(
      `import { createRequire } from 'node:module';
       const { load } = createRequire(import.meta.url)(${JSON.stringify(addon)});
       console.log(load(${JSON.stringify(library)}, true));`,
      environment,
    );

  it('is heard but for the two lines of TensorFlow', () => {
    assert.equal(made.status, 0, String(made.stderr));
    assert.ok(existsSync(addon));
    const { stdout, stderr, status } = load({});
    assert.equal(stderr, 'E0000 no such device');
    assert.deepEqual([stdout, status], ['true\n', 0]);
  });

  it('is heard in full where it ends the process', () => {
    const { stderr, signal } = load({ CRASH: '1' });
    assert.match(stderr, /^I0000 port\.cc:153\] oneDNN custom operations are on\.\nE0000 no such device/);
    assert.equal(signal, 'SIGABRT');
  });
});

describe('a library in a folder where the one that wants it does not look', () => {
  const compiler = process.env.CXX || 'c++';
  const compiled = (name: string, source: string, ...options: readonly string[]): string => {
    const [from, to] = [join(root, `${name}.cc`), join(root, `${name}.so.11`)];
    writeFileSync(from, source);
    const made = spawnSync(compiler, ['-shared', '-fPIC', from, '-o', to, ...options], { encoding: 'utf8' });
    assert.equal(made.status, 0, made.stderr);
    return to;
  };
  const wanted = 'libgcnc-wanted.so.11';
  const finds = (before: string): string =>
    node(
      `import { createRequire } from 'node:module';
       const require = createRequire(import.meta.url);
       const { hold } = require(${JSON.stringify(addon)});
       ${before}
       console.log(hold(${JSON.stringify(wanted)}));`,
    ).stdout;

  it('is found by its name once it is held', () => {
    const path = compiled('libgcnc-wanted', 'int wanted;', `-Wl,-soname,${wanted}`);
    assert.equal(finds(''), 'false\n');
    assert.equal(finds(`hold(${JSON.stringify(path)});`), 'true\n');
  });

  it('is missing in peace where it is nowhere', () => {
    assert.equal(finds("hold('/nowhere/libgcnc-wanted.so.11');"), 'false\n');
  });
});

describe('TF32', () => {
  it("is switched on and off in TensorFlow's own flag", async () => {
    const { loadTensorFlow } = await import('../../src/backend/load.ts');
    const { setTensorFloat32 } = await import('../../src/backend/framework.ts');
    loadTensorFlow();
    assert.equal(setTensorFloat32(true), true);
    assert.equal(setTensorFloat32(false), true);
  });
});
