import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { isTemporaryName, temporaryName, writeFileAtomic } from '../files/atomic.ts';
import { InputError } from '../input-error.ts';
import { identityOf, isAlive, type ProcessIdentity, processIdentitySchema } from './process-identity.ts';

/**
 * A lock on a run's folder, for NFS too: it needs mkdir and rename only.
 *
 * `lock/<generation>/` holds its owner's `owner.json` and `heartbeat`, and `released` once it is free. Whoever has the
 * highest generation has the lock. To take it over after a release or a death is to create the next generation, by renaming a
 * prepared folder: a rename onto a folder that is not empty fails, so one taker wins. The highest generation is never
 * deleted, so a taker that was slow finds it and knows that it lost, whatever it had read before.
 */
export interface Lock {
  readonly generation: number;
  /** The file whose age says whether its holder lives. */
  readonly heartbeatPath: string;
  /** Shows life; false where another has taken the lock over, and the caller must stop without writing. */
  readonly heartbeat: () => boolean;
  readonly release: () => void;
}

export interface LockHolder {
  /** Null where owner.json cannot be read. */
  readonly owner: ProcessIdentity | null;
  readonly generation: number;
}

/** A holder on another machine is taken for dead after this long without a heartbeat. */
export const defaultStaleMs = 120_000;

const ownerSchema = processIdentitySchema.extend({ token: z.string() });

/** The live holder of the folder's lock, or null where it is free to be taken. */
export function lockHolder(folder: string, staleMs: number = defaultStaleMs): LockHolder | null {
  return inspect(join(folder, 'lock'), staleMs).holder;
}

/** One reading: the holder is that of this very generation, so that only its successor may be created upon it. */
function inspect(locks: string, staleMs: number): { generation: number; holder: LockHolder | null } {
  const generation = highestGeneration(locks);
  if (generation === 0) return { generation, holder: null };
  const place = join(locks, String(generation));
  if (exists(join(place, 'released'))) return { generation, holder: null };
  const owner = readOwner(place);
  const alive = owner && isAlive(owner);
  const holds = alive ?? heartbeatAgeMs(place) < staleMs;
  return { generation, holder: holds ? { owner, generation } : null };
}

/** Takes the lock, or returns null where another process holds it. */
export function acquireLock(folder: string, staleMs: number = defaultStaleMs): Lock | null {
  const locks = join(folder, 'lock');
  mkdirSync(locks, { recursive: true });
  const found = inspect(locks, staleMs);
  if (found.holder !== null) return null;
  const generation = found.generation + 1;
  const place = join(locks, String(generation));
  const token = randomUUID();
  if (!createGeneration(place, token)) return null;
  if (highestGeneration(locks) !== generation) {
    removeQuietly(place);
    return null;
  }
  tidy(locks, generation);
  const isOurs = (): boolean => readOwner(place)?.token === token && highestGeneration(locks) === generation;
  const heartbeatPath = join(place, 'heartbeat');
  return {
    generation,
    heartbeatPath,
    heartbeat: () => {
      if (!isOurs()) return false;
      tryWrite(heartbeatPath, String(Date.now()));
      return true;
    },
    release: () => {
      if (isOurs()) writeFileAtomic(join(place, 'released'), '');
    },
  };
}

/** The rename that decides. On NFS it may have worked and yet report an error, when an answer was lost: the token tells. */
function createGeneration(place: string, token: string): boolean {
  const prepared = temporaryName(place);
  try {
    mkdirSync(prepared);
    writeFileSync(join(prepared, 'heartbeat'), '');
    writeFileSync(join(prepared, 'owner.json'), JSON.stringify({ ...identityOf(process.pid), token }));
    renameSync(prepared, place);
  } catch (error) {
    removeQuietly(prepared);
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (!['ENOTEMPTY', 'EEXIST', 'ENOENT', 'ENOTDIR'].includes(code)) throw error;
  }
  return readOwner(place)?.token === token;
}

/**
 * Deletes earlier generations and what other takers prepared, who have lost. Under another name first: a taker whose prepared
 * folder was emptied and then renamed would leave a generation without an owner, which two could take.
 */
function tidy(locks: string, generation: number): void {
  for (const name of readdirSync(locks)) {
    if (!isTemporaryName(name) && !(Number(name) < generation)) continue;
    const discarded = temporaryName(join(locks, 'discarded'));
    try {
      renameSync(join(locks, name), discarded);
    } catch {
      continue;
    }
    removeQuietly(discarded);
  }
}

function highestGeneration(locks: string): number {
  let names: string[];
  try {
    names = readdirSync(locks);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT') return 0;
    if (code === 'ENOTDIR')
      throw new InputError(`${locks}: must be a folder; delete it if no sweep runs there`);
    throw error;
  }
  return Math.max(0, ...names.filter((name) => /^[1-9]\d{0,14}$/.test(name)).map(Number));
}

function readOwner(place: string): z.infer<typeof ownerSchema> | null {
  try {
    return ownerSchema.parse(JSON.parse(readFileSync(join(place, 'owner.json'), 'utf8')));
  } catch {
    return null;
  }
}

/** By the file system's own clock on both sides, so that clocks of different machines need not agree. */
function heartbeatAgeMs(place: string): number {
  const clock = temporaryName(join(place, 'clock'));
  try {
    writeFileSync(clock, '');
    const now = statSync(clock).mtimeMs;
    const beats = [join(place, 'heartbeat'), join(place, 'owner.json')].filter(exists);
    const last = beats.map((path) => statSync(path).mtimeMs);
    return last.length === 0 ? Number.POSITIVE_INFINITY : now - Math.max(...last);
  } catch (error) {
    // The holder's generation was just replaced: somebody is alive.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw error;
  } finally {
    rmSync(clock, { force: true });
  }
}

const exists = (path: string): boolean => statSync(path, { throwIfNoEntry: false }) !== undefined;

/** Another may be deleting or writing the same; what is left is left to the next holder. */
function removeQuietly(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch {}
}

/** A full disk must not end a run that only wants to show life: the next heartbeat may succeed. */
function tryWrite(path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch {}
}
