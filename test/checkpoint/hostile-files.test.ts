import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { zipSync } from 'fflate';
import { readWeightsFile } from '../../src/checkpoint/weights-file.ts';
import { encodeSafetensors, float32Tensor } from '../../src/formats/safetensors.ts';
import { InputError } from '../../src/input-error.ts';
import type { ModelName } from '../../src/models/models.ts';
import { randomStream } from '../../src/random/random.ts';
import { corrupted } from '../fixtures/corrupted.ts';

const root = mkdtempSync(join(tmpdir(), 'gcnc-hostile-'));
after(() => rmSync(root, { recursive: true }));
const file = (name: string) => readFileSync(fileURLToPath(new URL(name, import.meta.url)));
/** What a pickle that is run would make. */
const proof = join(root, 'was-run');

/** Bytes of array buffers that a read took at once, beyond twice the file: one copy of the file, and one of its tensors. */
const room = 1_000_000;

/** The message of the refusal, or null where the file was read. */
function refusal(bytes: Uint8Array, model: ModelName, extension: string): string | null {
  const path = join(root, `w${extension}`);
  writeFileSync(path, bytes);
  const held = process.memoryUsage();
  let message: string | null = null;
  try {
    readWeightsFile(path, model, 64);
  } catch (error) {
    assert.ok(error instanceof InputError, String((error as Error).stack));
    ({ message } = error);
    assert.ok(!message.includes('\n') && message.length < 1000, message);
  }
  const now = process.memoryUsage();
  const buffers = now.arrayBuffers - held.arrayBuffers;
  assert.ok(buffers <= 2 * bytes.length + room, `${buffers} bytes for ${bytes.length}: ${message}`);
  const heap = now.heapUsed - held.heapUsed;
  assert.ok(heap <= 40 * bytes.length + 100_000_000, `${heap} bytes of heap for ${bytes.length}: ${message}`);
  return message;
}

const sources: readonly (readonly [name: string, model: ModelName, extension: string])[] = [
  ['../formats/fixtures/torch/tensors.pt', 'resnet18', '.pt'],
  ['../formats/fixtures/torch/tensors-legacy.pth', 'resnet18', '.pth'],
  ['fixtures/public/timm-resnet10.pth.tar', 'resnet10', '.pth'],
  ['fixtures/public/resnet10-folded.onnx', 'resnet10', '.onnx'],
  ['fixtures/public/vgg11-hidden-last.onnx', 'vgg11', '.onnx'],
  ['fixtures/public/transformers-resnet10.safetensors', 'resnet10', '.safetensors'],
];

describe('damaged files', () => {
  for (const [name, model, extension] of sources)
    it(`500 of ${name} are refused in one line, in proportion to their size`, () => {
      const source = file(name);
      const random = randomStream(500);
      // Names and structure are what hurts: half of the damage is within the first or the last 2,000 bytes.
      const damaged = (attempt: number): Uint8Array => {
        const start = attempt % 4 === 0 ? 0 : Math.max(0, source.length - 2000);
        if (attempt % 2 === 1) return corrupted(source, () => random.uniform());
        const part = corrupted(source.subarray(start, start + 2000), () => random.uniform());
        return Buffer.concat([source.subarray(0, start), part, source.subarray(start + 2000)]);
      };
      let refused = 0;
      for (let attempt = 0; refused < 500; attempt++) {
        assert.ok(attempt < 5000, `only ${refused} of ${attempt} are refused`);
        if (refusal(damaged(attempt), model, extension) !== null) refused += 1;
      }
    });
});

const ascii = (text: string): Buffer => Buffer.from(text, 'latin1');
const inZip = (pickle: Uint8Array, more: Record<string, Uint8Array> = {}) =>
  zipSync({ 'w/data.pkl': pickle, ...more }, { level: 0 });
const legacyHead = ascii('\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M\xe9\x03.\x80\x02}.');
const uint32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};
const legacy = (pickle: Uint8Array): Buffer =>
  Buffer.concat([legacyHead, pickle, ascii(ends(pickle) ? '].' : '')]);
/** Whether a pickle ends, so that the list of storages follows. */
const ends = (pickle: Uint8Array): boolean => pickle.at(-1) === 0x2e;
const command = `touch ${proof}`;
/** Lists within lists, each twice the one before: as text they would have 2^60 characters. */
const doubling = ascii(
  `]q\x00${Array.from({ length: 60 }, (_, i) => `](h${String.fromCharCode(i)}h${String.fromCharCode(i)}eq${String.fromCharCode(i + 1)}`).join('')}`,
);

const pickles: Readonly<Record<string, readonly [pickle: Uint8Array, message: RegExp]>> = {
  'os.system': [ascii(`cos\nsystem\n(S'${command}'\ntR.`), /os\.system, which is not read/],
  'posix.system by STACK_GLOBAL': [
    Buffer.concat([
      ascii('\x80\x04\x8c\x05posix\x8c\x06system\x93\x8c'),
      Buffer.from([command.length]),
      ascii(`${command}\x85R.`),
    ]),
    /posix\.system/,
  ],
  'builtins.eval': [ascii(`c__builtin__\neval\n(S'open("${proof}","w")'\ntR.`), /__builtin__\.eval/],
  'builtins.getattr': [ascii("cbuiltins\ngetattr\n(cbuiltins\ndict\nS'get'\ntR."), /builtins\.getattr/],
  'an instance (INST)': [ascii(`(S'${command}'\nios\nsystem\n.`), /opcode 0x69 .* is not read/],
  'an object (OBJ)': [ascii('(cos\nsystem\no.'), /os\.system/],
  'a state for a function': [
    ascii('ctorch._utils\n_rebuild_tensor_v2\n}b.'),
    /a value without state gets one/,
  ],
  'an extension of the registry': [ascii('\x82\x01.'), /opcode 0x82/],
  'a call of a tensor class': [ascii('ctorch\nFloatStorage\n(tR.'), /torch\.FloatStorage is called/],
  'a call of a list': [ascii('](tR.'), /is called/],
  'text of 2^32 bytes': [Buffer.concat([ascii('X'), uint32(0xffffffff), ascii('a.')]), /announced/],
  'text of 2^63 bytes': [ascii(`\x8d${'\xff'.repeat(7)}\x7f.`), /announced/],
  'an integer of 2^31 bytes': [
    Buffer.concat([ascii('\x8b'), uint32(0x7fffffff), ascii('.')]),
    /an integer of/,
  ],
  'no end': [ascii('}'), /announced/],
  'an empty stack': [ascii('.'), /stack is empty/],
  'a mark alone': [ascii('(.'), /a mark stands/],
  'a memo that is empty': [ascii('h\x07.'), /memo 7 is empty/],
  'lists for a module': [
    Buffer.concat([ascii('\x80\x04'), doubling, ascii('\x8c\x01a\x93.')]),
    /a global has no name/,
  ],
  'lists for a key': [
    Buffer.concat([ascii('}('), doubling, ascii('K\x01u.')]),
    /a key is no text and no number/,
  ],
  'a list that holds itself': [
    ascii(`}q\x01(X\x01\x00\x00\x00a]q\x00h\x00au.`),
    /no state dict|something else/,
  ],
  'a dict that holds itself': [ascii('}q\x00X\x01\x00\x00\x00ah\x00s.'), /no state dict/],
  'tuples 200,000 deep': [ascii(`)${'\x85'.repeat(200_000)}.`), /expected a state dict/],
  '5 million lists': [ascii(`${']'.repeat(5_000_000)}.`), /more than 4000000 operations/],
  'an ordered dict of lists': [
    Buffer.concat([ascii('ccollections\nOrderedDict\n('), doubling, ascii('tR.')]),
    /OrderedDict|no state dict/,
  ],
};

describe('hostile pickles', () => {
  for (const [what, [pickle, message]] of Object.entries(pickles)) {
    it(`${what} is refused, zipped and in the format before`, () => {
      assert.match(refusal(inZip(pickle), 'resnet18', '.pt') ?? 'read', message);
      assert.match(refusal(legacy(pickle), 'resnet18', '.pth') ?? 'read', message);
      assert.ok(!existsSync(proof), 'the pickle was run');
    });
  }

  const tensor = (type: string, count: string, shape: string, stride: string) =>
    ascii(
      `(X\x08\x00\x00\x00a.weightctorch._utils\n_rebuild_tensor_v2\n((X\x07\x00\x00\x00storagectorch\n${type}\nX\x01\x00\x00\x000X\x03\x00\x00\x00cpu${count}NtQI0\n(${shape}t(${stride}tI00\n}tRd.`,
    );
  const ones = 'I1\nI1\nI1\nI1\n';
  for (const [what, pickle, rest, message] of [
    [
      'a storage of 2^60 values',
      tensor('FloatStorage', 'L1152921504606846976L\n', ones, ones),
      16,
      /is announced|no size/,
    ],
    ['a negative storage', tensor('FloatStorage', 'I-4\n', ones, ones), 16, /-4 values is announced/],
    ['an unknown class of storage', tensor('QInt8Storage', 'I4\n', ones, ones), 16, /torch\.QInt8Storage/],
    [
      'a tensor of 2^60 values',
      tensor('FloatStorage', 'I4\n', 'I1073741824\nI1073741824\nI1\nI1\n', 'I0\nI0\nI0\nI0\n'),
      16,
      /makes more of its tensors/,
    ],
    [
      'a shape of fractions',
      tensor('FloatStorage', 'I4\n', 'F1.5\nI1\nI1\nI1\n', ones),
      16,
      /without valid storage/,
    ],
    [
      'a tensor beyond its storage',
      tensor('FloatStorage', 'I4\n', 'I2\nI2\nI2\nI2\n', 'I8\nI4\nI2\nI1\n'),
      16,
      /lies outside its storage of 4 values/,
    ],
    ['a storage that is not there', tensor('FloatStorage', 'I4\n', ones, ones), 8, /4 values is announced/],
  ] as const)
    it(`${what} is refused in the format before`, () => {
      const keys = ascii('\x80\x02]X\x01\x00\x00\x000a.');
      const count = Buffer.alloc(8);
      count.writeBigInt64LE(4n);
      const bytes = Buffer.concat([legacyHead, pickle, keys, count, Buffer.alloc(rest)]);
      assert.match(refusal(bytes, 'resnet18', '.pth') ?? 'read', message);
    });
});

describe('hostile archives', () => {
  const data = Buffer.alloc(4000);
  const whole = Buffer.from(inZip(ascii('}.'), { 'w/data/0': data }));
  const end = whole.length - 22;
  const changed = (change: (bytes: Buffer) => void): Buffer => {
    const bytes = Buffer.from(whole);
    change(bytes);
    return bytes;
  };
  for (const [what, bytes, message] of [
    [
      'a million zeros in a thousand bytes',
      zipSync({ 'w/data.pkl': new Uint8Array(1_000_000) }),
      /torch\.save compresses nothing/,
    ],
    [
      'a directory beyond the end',
      changed((bytes) => bytes.writeUInt32LE(0xfffffff0, end + 16)),
      /truncated/,
    ],
    ['a directory of 4 GB', changed((bytes) => bytes.writeUInt32LE(0xfffffff0, end + 12)), /truncated/],
    [
      '65,000 entries that are not there',
      changed((bytes) => bytes.writeUInt16LE(65_000, end + 10)),
      /announces 65000 entries and holds 2/,
    ],
    [
      'an entry of 4 GB',
      changed((bytes) => bytes.writeUInt32LE(0xfffffff0, bytes.indexOf('PK\x01\x02') + 24)),
      /declare/,
    ],
    [
      'an entry beyond the end',
      changed((bytes) => bytes.writeUInt32LE(0xfffffff0, bytes.indexOf('PK\x01\x02') + 42)),
      /beyond the end/,
    ],
    [
      'a TorchScript archive',
      Buffer.from(inZip(ascii('}.'), { 'w/constants.pkl': data })),
      /is a TorchScript archive; in Python: /,
    ],
    ['no data.pkl', Buffer.from(zipSync({ '../../etc/passwd': data }, { level: 0 })), /without data\.pkl/],
    [
      'a wrong checksum',
      changed((bytes) => bytes.writeUInt8(0x5d, 30 + 'w/data.pkl'.length)),
      /checksum differs/,
    ],
  ] as const)
    it(`${what} is refused`, () => {
      assert.match(refusal(bytes, 'resnet18', '.pt') ?? 'read', message);
    });
});

describe('hostile safetensors', () => {
  const headed = (header: string, rest = 0): Buffer => {
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(header.length));
    return Buffer.concat([length, ascii(header), Buffer.alloc(rest)]);
  };
  const entry = (text: string) => `{"a\\nb":${text}}`;
  for (const [what, bytes, message] of [
    [
      'a header of 2^63 bytes',
      Buffer.concat([Buffer.from('ffffffffffffff7f', 'hex'), ascii('{}')]),
      /is announced/,
    ],
    [
      'a tensor of 2^53 values',
      headed(entry('{"dtype":"F32","shape":[9007199254740991],"data_offsets":[0,4]}'), 4),
      /has 4 bytes/,
    ],
    [
      'a tensor beyond the end',
      headed(entry('{"dtype":"F32","shape":[1000],"data_offsets":[0,4000]}'), 4),
      /lies at bytes 0 to 4000 of 4/,
    ],
    [
      'offsets the wrong way round',
      headed(entry('{"dtype":"F32","shape":[1],"data_offsets":[4,0]}'), 4),
      /lies at bytes/,
    ],
    [
      'a type of the prototype',
      headed(entry('{"dtype":"constructor","shape":[1],"data_offsets":[0,4]}'), 4),
      /tensor a\?b has the type constructor/,
    ],
    [
      'a type of 100,000 lists',
      headed(
        entry(`{"dtype":${'['.repeat(100_000)}${']'.repeat(100_000)},"shape":[],"data_offsets":[0,4]}`),
        4,
      ),
      /no JSON|has the type object/,
    ],
    ['a header that is a list', headed('[]'), /no JSON object/],
    [
      'two tensors in one place',
      headed(
        '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}',
        4,
      ),
      /overlap/,
    ],
  ] as const)
    it(`${what} is refused`, () => {
      assert.match(refusal(bytes, 'resnet18', '.safetensors') ?? 'read', message);
    });

  it('names of a terminal’s control codes are not printed', () => {
    const bytes = encodeSafetensors(new Map([['\x1b[2J\nconv', float32Tensor([1], new Float32Array(1))]]));
    assert.match(refusal(bytes, 'resnet18', '.safetensors') ?? 'read', /^[\x20-\x7e]*$/);
  });
});

/** A field of a Protocol Buffers message: a length and bytes, or an integer. */
const varint = (value: bigint): Buffer => {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>= 7n) {
    bytes.push(Number(rest & 127n) | (rest > 127n ? 128 : 0));
    if (rest <= 127n) return Buffer.from(bytes);
  }
};
const part = (number: number, ...contents: readonly (Uint8Array | string)[]): Buffer => {
  const content = Buffer.concat(contents.map((each) => Buffer.from(each)));
  return Buffer.concat([varint(BigInt(number * 8 + 2)), varint(BigInt(content.length)), content]);
};
const integer = (number: number, value: bigint): Buffer =>
  Buffer.concat([varint(BigInt(number * 8)), varint(value)]);
const onnx = (...graph: readonly Uint8Array[]): Buffer => Buffer.concat([integer(1, 8n), part(7, ...graph)]);
const image = part(11, part(1, 'x'));
const node = (op: string, inputs: readonly string[], output: string): Buffer =>
  part(1, ...inputs.map((name) => part(1, name)), part(2, output), part(4, op));
const filters = (dims: readonly bigint[], ...rest: readonly Uint8Array[]): Buffer =>
  part(5, ...dims.map((side) => integer(1, side)), integer(2, 1n), part(8, 'w'), ...rest);
const conv = node('Conv', ['x', 'w'], 'y');

describe('hostile ONNX files', () => {
  for (const [what, bytes, message] of [
    ['no graph', integer(1, 8n), /it has no graph/],
    [
      'a graph of 2^32 bytes',
      Buffer.concat([integer(1, 8n), varint(58n), varint(0xffffffffn), ascii('a')]),
      /premature EOF/,
    ],
    [
      'filters of 2^62 values',
      onnx(image, conv, filters([2n ** 31n, 2n ** 31n, 1n, 1n], part(9, Buffer.alloc(16)))),
      /w of shape .* has 16 bytes/,
    ],
    [
      'a side of 2^63',
      onnx(image, conv, filters([2n ** 63n, 1n, 1n, 1n], part(9, Buffer.alloc(16)))),
      /beyond 2\^53/,
    ],
    [
      'a negative side',
      onnx(image, conv, filters([2n ** 64n - 1n, 1n, 7n, 7n], part(9, Buffer.alloc(16)))),
      /w of shape/,
    ],
    [
      '10,000 sides',
      onnx(image, conv, filters(Array<bigint>(10_000).fill(1n), part(9, Buffer.alloc(4)))),
      /more than 4096 integers/,
    ],
    [
      'weights in another file',
      onnx(image, conv, filters([1n, 1n, 1n, 1n], part(13, part(1, 'location'), part(2, '/etc/passwd')))),
      /lies in another file \(external data\), which is not opened/,
    ],
    [
      'text for filters',
      onnx(image, conv, part(5, integer(1, 1n), integer(2, 8n), part(8, 'w'), part(6, 'a'))),
      /no convolution whose filters are constants of floats \(of a constant, it is of ONNX's type 8/,
    ],
    [
      'two constants of one name',
      onnx(image, conv, filters([1n], part(9, Buffer.alloc(4))), filters([1n], part(9, Buffer.alloc(4)))),
      /two constants are called w/,
    ],
    [
      '300,000 empty nodes',
      onnx(image, Buffer.concat(Array<Buffer>(300_000).fill(Buffer.from([10, 0])))),
      /more than 200000 fields/,
    ],
    ['groups 1,000 deep', Buffer.concat([integer(1, 8n), Buffer.alloc(1000, 0x5b)]), /recursion depth/],
    [
      'two inputs',
      onnx(image, part(11, part(1, 'z')), conv, filters([1n, 3n, 7n, 7n], part(9, Buffer.alloc(588)))),
      /2 inputs/,
    ],
    [
      'a node that reads itself',
      onnx(image, node('Conv', ['y', 'w'], 'y'), filters([1n, 3n, 7n, 7n], part(9, Buffer.alloc(588)))),
      /nothing is there/,
    ],
    [
      'names in a circle',
      onnx(image, node('Conv', ['x', 'a'], 'y'), node('Identity', ['a'], 'a')),
      /no convolution whose filters/,
    ],
    [
      'scaling before the network',
      onnx(
        image,
        node('Sub', ['x', 'm'], 's'),
        node('Conv', ['s', 'w'], 'y'),
        filters([1n, 3n, 7n, 7n], part(9, Buffer.alloc(588))),
      ),
      /at conv1, .* is due, Sub is there/,
    ],
  ] as const)
    it(`${what} is refused`, () => {
      assert.match(refusal(bytes, 'resnet18', '.onnx') ?? 'read', message);
    });
});
