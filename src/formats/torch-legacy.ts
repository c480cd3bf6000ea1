import { InputError } from '../input-error.ts';
import { type PickleGlobal, type PickleOptions, pickleText, readPickleAt } from './pickle.ts';
import { numpyGlobals } from './pickle-numpy.ts';
import { type Storage, storages, torchGlobals } from './torch-tensors.ts';

/** torch.serialization's MAGIC_NUMBER and PROTOCOL_VERSION. */
const magic = 0x1950a86a20f9469cfc6cn;
const protocol = 1001;

/**
 * What a file of torch.save before the zip format holds (torch.serialization._legacy_save): pickles of a magic number, a protocol, the
 * machine, the value and the keys of its storages; then each storage as its number of values and their bytes. The value is read twice:
 * where a storage lies is known only behind it. Throws InputError of one line.
 */
export function readLegacyTorch(file: Uint8Array, path: string): unknown {
  const fail = (why: string): never => {
    throw new InputError(`${path}: a file of torch.save from before PyTorch 1.6, damaged: ${why}`);
  };
  const plain: PickleOptions = { globalOf: () => undefined };
  const first = readPickleAt(file, 0, path, plain);
  if (first.value !== magic)
    throw new InputError(
      `${path}: a Python pickle, and not of torch.save; state dicts, safetensors and ONNX are read`,
    );
  const second = readPickleAt(file, first.end, path, plain);
  if (second.value !== protocol) fail(`its protocol is not ${protocol}`);
  const machine = readPickleAt(file, second.end, path, plain);
  if (machine.value instanceof Map && machine.value.get('little_endian') === false)
    throw new InputError(`${path}: was written on a big-endian machine, and is not read`);
  const declared = new Map<string, { readonly type: string; readonly count: number }>();
  const declare = (id: unknown): Storage => {
    const [kind, type, key, , count, view] = Array.isArray(id) ? id : [];
    const className = (type as PickleGlobal | undefined)?.name ?? '';
    const name = pickleText(key);
    if (pickleText(kind) !== 'storage' || storages[className] === undefined || name === undefined)
      return fail('it refers to something else than a storage of tensors');
    if (view !== null && view !== undefined) return fail('views of storages are not read');
    if (!Number.isSafeInteger(count)) return fail(`storage ${name.slice(0, 40)} has no size`);
    declared.set(name, { type: className, count: count as number });
    return { dtype: 'U8', itemBytes: 1, bytes: new Uint8Array(0) };
  };
  const read = (persistentLoad: PickleOptions['persistentLoad'], isDraft: boolean) => {
    const numpy = numpyGlobals(file.length, path);
    const torch = torchGlobals(file.length, path);
    const globalOf = (name: string): PickleGlobal | undefined => {
      const known = torch(name) ?? numpy(name);
      return isDraft && known?.name.startsWith('_rebuild') ? { name: known.name, call: () => null } : known;
    };
    return readPickleAt(file, machine.end, path, { globalOf, persistentLoad: persistentLoad! });
  };
  const draft = read(declare, true);
  const keys = readPickleAt(file, draft.end, path, plain);
  if (!Array.isArray(keys.value)) return fail('it has no list of storages');
  const found = new Map<string, Storage>();
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  let at = keys.end;
  for (const each of keys.value) {
    const name = pickleText(each);
    const { type, count } = declared.get(name ?? '') ?? fail('it lists a storage that nothing refers to');
    const [dtype, itemBytes] = storages[type]!;
    if (at + 8 > file.length) fail('it ends within its storages');
    const stored = Number(view.getBigInt64(at, true));
    const end = at + 8 + count * itemBytes;
    if (stored !== count || count < 0 || end > file.length)
      fail(
        `a storage of ${count} values is announced, ${stored} are stored in ${file.length - at - 8} bytes`,
      );
    found.set(name!, { dtype, itemBytes, bytes: file.subarray(at + 8, end) });
    at = end;
  }
  const load = (id: unknown): Storage => {
    const name = pickleText((id as readonly unknown[])[2]);
    return found.get(name ?? '') ?? fail('a storage is missing');
  };
  return read(load, false).value;
}
