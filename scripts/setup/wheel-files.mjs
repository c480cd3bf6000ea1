import { createHash } from 'node:crypto';
import { createReadStream, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { SetupProblem } from './problem.mjs';

/** The files of a folder that are the pinned wheels, each checked against its SHA-256. Throws for one missing or changed. */
export async function checkedWheels(folder, wheels) {
  const names = readdirSync(folder);
  const files = [];
  for (const wheel of wheels) {
    const prefix = `${wheel.name.replaceAll('-', '_')}-${wheel.version}-`;
    const found = names.filter(
      (name) => name.endsWith('.whl') && name.replaceAll('-', '_').startsWith(prefix.replaceAll('-', '_')),
    );
    if (found.length === 0)
      throw new SetupProblem(`${folder} has no wheel of ${wheel.name} ${wheel.version} (${prefix}….whl)`);
    const hashes = await Promise.all(found.map((name) => sha256Of(join(folder, name))));
    const right = hashes.indexOf(wheel.sha256);
    if (right === -1) throw wrongHash(join(folder, found[0]), hashes[0], wheel);
    files.push(join(folder, found[right]));
  }
  return files;
}

/** Throws unless a single wheel file is the one pinned. */
export async function checkWheel(path, wheel) {
  const sha256 = await sha256Of(path);
  if (sha256 !== wheel.sha256) throw wrongHash(path, sha256, wheel);
}

const wrongHash = (path, sha256, wheel) =>
  new SetupProblem(
    `${path}: SHA-256 is ${sha256}, and ${wheel.name} ${wheel.version} has ${wheel.sha256}; get ${basename(path)} again (docs/setup.md)`,
  );

async function sha256Of(path) {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}
