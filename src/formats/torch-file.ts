import { withOpenFile } from '../files/open-file.ts';
import { readAt } from '../files/read-at.ts';
import { InputError } from '../input-error.ts';
import { readZipEntry } from './npz.ts';
import { type PickleGlobal, pickleText, readPickle } from './pickle.ts';
import { numpyGlobals } from './pickle-numpy.ts';
import type { StoredTensor } from './safetensors.ts';
import { stateDictIn } from './state-dict.ts';
import { readLegacyTorch } from './torch-legacy.ts';
import { type Storage, storages, torchGlobals } from './torch-tensors.ts';
import { readZipDirectory, type ZipEntry } from './zip-directory.ts';

/**
 * The weights of a file of torch.save, by name: of the zip format (PyTorch 1.6 and later) or the one before it. `key` chooses between
 * several state dicts. Only tensors are made; every other global is refused and nothing is run. Throws InputError of one line.
 */
export function readTorchFile(path: string, key?: string): ReadonlyMap<string, StoredTensor> {
  return withOpenFile(path, (file, fileBytes) => {
    const isZip = fileBytes > 2 && readAt(file, 0, 2, path).every((byte, i) => byte === [0x50, 0x4b][i]);
    const value = isZip
      ? loadZip(file, fileBytes, readZipDirectory(file, fileBytes, path), path)
      : readLegacyTorch(readAt(file, 0, fileBytes, path), path);
    return stateDictIn(value, fileBytes, path, key);
  });
}

function loadZip(file: number, fileBytes: number, entries: readonly ZipEntry[], path: string): unknown {
  if (entries.some(({ name }) => /^[^/]+\/constants\.pkl$/.test(name)))
    throw new InputError(
      `${path}: is a TorchScript archive; in Python: torch.save(torch.jit.load('old.pt').state_dict(), 'new.pt')`,
    );
  const declared = entries.reduce((sum, { size }) => sum + size, 0);
  if (declared > fileBytes)
    throw new InputError(`${path}: ${fileBytes} bytes declare ${declared}; torch.save compresses nothing`);
  const main = entries.find(({ name }) => /^[^/]+\/data\.pkl$/.test(name));
  if (main === undefined) throw new InputError(`${path}: a zip file without data.pkl, so not of torch.save`);
  const root = main.name.slice(0, -'data.pkl'.length);
  const byName = new Map(entries.map((entry) => [entry.name, entry]));
  const loaded = new Map<string, Uint8Array>();
  const contentOf = (name: string): Uint8Array | undefined => {
    const entry = byName.get(root + name);
    const bytes = loaded.get(name) ?? (entry && readZipEntry(file, fileBytes, entry, path));
    if (bytes !== undefined) loaded.set(name, bytes);
    return bytes;
  };
  if ((pickleText(contentOf('byteorder')) ?? 'little') !== 'little')
    throw new InputError(`${path}: was written on a big-endian machine, and is not read`);
  const pickle = contentOf('data.pkl')!;
  const numpy = numpyGlobals(pickle.length, path);
  const torch = torchGlobals(fileBytes, path);
  const persistentLoad = (id: unknown): Storage => {
    const [kind, type, key] = Array.isArray(id) ? id : [];
    const known = storages[(type as PickleGlobal | undefined)?.name ?? ''];
    const name = pickleText(key);
    if (pickleText(kind) !== 'storage' || known === undefined || name === undefined)
      throw new InputError(`${path}: refers to something else than a storage of tensors`);
    const bytes = contentOf(`data/${name}`);
    if (bytes === undefined) throw new InputError(`${path}: storage ${name.slice(0, 40)} is missing`);
    return { dtype: known[0], itemBytes: known[1], bytes };
  };
  return readPickle(pickle, `${path}: data.pkl`, {
    globalOf: (name) => torch(name) ?? numpy(name),
    persistentLoad,
  });
}
