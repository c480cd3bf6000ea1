import { existsSync, realpathSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { InputError } from '../input-error.ts';

/**
 * The path of a file or folder inside a folder, for a writer whose names come from a file. No name may be a path of its own, and no link
 * on the way may lead out of the folder. Throws InputError of one line, before anything is written.
 */
export function pathInside(folder: string, ...names: readonly [string, ...string[]]): string {
  const wrong = names.find((name) => !isPlainName(name));
  if (wrong !== undefined)
    throw new InputError(
      `${JSON.stringify(wrong)}: not a name for a file in ${folder}; allowed is a name without / and \\, other than . and ..`,
    );
  const path = join(folder, ...names);
  let present = dirname(path);
  while (!existsSync(present) && present !== folder) present = dirname(present);
  if (existsSync(present) && existsSync(folder)) {
    const [inner, outer] = [realpathSync(present), realpathSync(folder)];
    if (inner !== outer && !inner.startsWith(outer.endsWith(sep) ? outer : outer + sep))
      throw new InputError(
        `${present}: a link that leads out of ${folder}, to ${inner}; nothing is written there`,
      );
  }
  return path;
}

const isPlainName = (name: string): boolean =>
  !['', '.', '..'].includes(name) &&
  ![...name].some((character) => '/\\'.includes(character) || character < ' ');
