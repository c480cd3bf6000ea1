import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { assertProblem, assertWhole } from './assertions.ts';
import { type Checkout, compilerCalls, makeCheckout } from './checkout.ts';

const everything = ['pip download', 'unpack', ...compilerCalls];

test('a fresh checkout gets the libraries and headers out of the wheel, and the addons', (context) => {
  const checkout = makeCheckout(context);
  const ran = checkout.run();
  assertWhole(checkout, ran);
  assert.deepEqual(ran.calls, everything);
  const [unpacked] = readdirSync(checkout.cache).filter((name) => name.startsWith('tensorflow-'));
  const files = readdirSync(join(checkout.cache, unpacked!), { recursive: true })
    .map(String)
    .filter((path) => statSync(join(checkout.cache, unpacked!, path)).isFile());
  assert.deepEqual(files.map((path) => path.replace(/(\.2)?\.(so|dylib)(\.2)?$/, '')).sort(), [
    'tensorflow/include/tensorflow/c/c_api.h',
    'tensorflow/libtensorflow_cc',
    'tensorflow/libtensorflow_framework',
  ]);
  assert.deepEqual(readdirSync(join(checkout.cache, 'downloads')), [], 'the wheel is not kept');
});

test('a second call runs neither pip nor the compiler nor npm', (context) => {
  const checkout = makeCheckout(context);
  checkout.run();
  const { status, stderr, calls } = checkout.run();
  assert.equal(stderr, 'setup: everything is there\n');
  assert.equal(status, 0);
  assert.deepEqual(calls, []);
});

test('after `npm ci` emptied node_modules the addons come from the cache', (context) => {
  const checkout = makeCheckout(context);
  checkout.run();
  rmSync(join(checkout.root, 'node_modules'), { recursive: true });
  const ran = checkout.run();
  assertWhole(checkout, ran);
  assert.deepEqual(ran.calls, ['npm ci']);
});

test('an addon whose source changed is compiled again, alone, with the libraries of the cache', (context) => {
  const checkout = makeCheckout(context);
  checkout.run();
  writeFileSync(join(dirname(checkout.addon), '../../binding/tfjs_binding.cc'), '// newer\n');
  const ran = checkout.run();
  assertWhole(checkout, ran);
  assert.deepEqual(ran.calls, ['compile tfjs_backend.cc', 'compile tfjs_binding.cc', 'link tfjs_binding']);
});

test('libraries that were cut or removed are brought again', (context) => {
  const checkout = makeCheckout(context);
  checkout.run();
  const [unpacked] = readdirSync(checkout.cache).filter((name) => name.startsWith('tensorflow-'));
  rmSync(join(checkout.cache, unpacked!), { recursive: true });
  const ran = checkout.run();
  assertWhole(checkout, ran);
  assert.deepEqual(ran.calls, ['pip download', 'unpack']);
});

for (const call of ['npm ci', 'pip download', 'unpack', 'compile tfjs_binding.cc', 'link tfjs_binding'])
  test(`killed during ${call}, the next call brings about the whole`, (context) => {
    const checkout = makeCheckout(context);
    if (call === 'npm ci') rmSync(join(checkout.root, 'node_modules'), { recursive: true });
    assert.equal(checkout.run({ [`CONDUCT_${call.replaceAll(/[^a-z]/g, '_')}`]: 'kills' }).signal, 'SIGKILL');
    assert.ok(!existsSync(checkout.addon));
    const ran = checkout.run();
    assertWhole(checkout, ran);
    assert.ok(ran.calls.includes(call));
  });

test('what a process that still runs is unpacking is left alone', (context) => {
  const checkout = makeCheckout(context);
  const theirs = join(checkout.cache, `tensorflow-2.21.0-cpu-0.partial-${hostname()}-${process.pid}`);
  mkdirSync(theirs, { recursive: true });
  assert.equal(checkout.run().status, 0);
  assert.ok(existsSync(theirs));
});

const missing: readonly (readonly [
  what: string,
  breaks: (checkout: Checkout) => NodeJS.ProcessEnv,
  says: RegExp,
])[] = [
  [
    'Python',
    ({ removeTool }) => {
      removeTool('python3');
      return {};
    },
    /^setup: python3 was not found; install Python 3 with pip \(Debian: apt-get install python3 python3-pip\)/,
  ],
  [
    'pip',
    () => ({ NO_PIP: '1' }),
    /^setup: python3 has no pip; install it \(Debian: apt-get install python3-pip/,
  ],
  [
    'a C\\+\\+ compiler',
    ({ removeTool }) => {
      removeTool('c++');
      return {};
    },
    /^setup: no C\+\+ compiler: c\+\+ was not found.*install one \(Debian: apt-get install g\+\+/,
  ],
  [
    'a network',
    ({ wheels }) => ({ PIP_FIND_LINKS: `${wheels}-not` }),
    /^setup: tensorflow-cpu 2\.21\.0 could not be downloaded \(pip: ERROR: No matching distribution.*check the network.*GCNC_TENSORFLOW/,
  ],
  [
    'space on the disk for the download',
    () => ({ CONDUCT_pip_download: 'fails', COMPLAINT: 'ERROR: [Errno 28] No space left on device' }),
    /^setup: no space left to download tensorflow-cpu 2\.21\.0 into .*GCNC_CACHE_DIR/,
  ],
  [
    'space on the disk for the libraries',
    () => ({ CONDUCT_unpack: 'fails', COMPLAINT: 'error: [Errno 28] No space left on device' }),
    /^setup: no space left to unpack .*GCNC_CACHE_DIR/,
  ],
  [
    'a compiler that knows C++17',
    () => ({
      CONDUCT_compile_tfjs_binding_cc: 'fails',
      COMPLAINT: 'x.cc:3: error: unknown option\nnote: more',
    }),
    /^setup: c\+\+ could not compile TensorFlow's addon \(x\.cc:3: error: unknown option\).*CXX/,
  ],
  [
    'a cache folder that can be made',
    ({ wheel }) => ({ GCNC_CACHE_DIR: join(wheel, 'cache') }),
    /^setup: .*cache.* cannot be made: a part of it is a file; set GCNC_CACHE_DIR to a folder$/,
  ],
];

for (const [what, breaks, says] of missing)
  test(`without ${what.replaceAll('\\', '')}: one line that says what to do, and the next call goes on`, (context) => {
    const checkout = makeCheckout(context);
    assertProblem(checkout.run(breaks(checkout)), says);
    assert.ok(!existsSync(checkout.addon));
    for (const name of ['python3', 'c++']) checkout.addTool(name);
    assertWhole(checkout, checkout.run());
  });

test('a missing compiler is noticed before the download', (context) => {
  const checkout = makeCheckout(context);
  checkout.removeTool('c++');
  assert.deepEqual(checkout.run().calls, []);
});

test('a wheel with a wrong hash is refused by pip and thrown away', (context) => {
  const checkout = makeCheckout(context);
  const right = readFileSync(checkout.wheel);
  writeFileSync(checkout.wheel, Buffer.concat([right, Buffer.from('more')]));
  assertProblem(
    checkout.run(),
    /tensorflow-cpu.*has not the SHA-256 that .*-cpu\.txt pins, and was thrown away/,
  );
  assert.deepEqual(readdirSync(join(checkout.cache, 'downloads')), []);
  writeFileSync(checkout.wheel, right);
  assertWhole(checkout, checkout.run());
});

test('npm ci that fails: its first error line; what npm left is not taken for whole', (context) => {
  const checkout = makeCheckout(context);
  rmSync(join(checkout.root, 'node_modules/.package-lock.json'));
  const complaint = 'npm error code ENOTFOUND\nnpm error syscall getaddrinfo\nnpm error request failed';
  assertProblem(
    checkout.run({ CONDUCT_npm_ci: 'fails', COMPLAINT: complaint }),
    /^setup: npm ci failed: request failed; check the network.*; then run npm run setup again$/,
  );
  assertWhole(checkout, checkout.run());
});

test('a package-lock.json that asks for another version calls npm ci', (context) => {
  const checkout = makeCheckout(context);
  const lock = { packages: { '': {}, 'node_modules/one': { version: '1.1.0' } } };
  writeFileSync(join(checkout.root, 'package-lock.json'), JSON.stringify(lock));
  assert.equal(checkout.run().calls[0], 'npm ci');
});

test('a flag that does not exist: exit code 2, and which do', (context) => {
  const { status, stderr } = makeCheckout(context).run({}, ['scripts/setup.mjs', '--gpus']);
  assert.equal(status, 2);
  assert.equal(stderr, 'setup: unknown option --gpus; allowed are --gpu, --cpu, --force, --help\n');
});
