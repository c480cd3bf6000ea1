import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { buildPackage } from './build-package.mjs';
import { problemLine } from './problem.mjs';
import { provision } from './provision.mjs';

/** Brings about all that is missing, says so on standard error, and returns the exit code. */
export async function setUp({ root, env, flags }) {
  try {
    const started = performance.now();
    const { changed, lacking } = await provision({ root, env, tensorflow: true, flags });
    // `npm pack` takes dist/ as it is: .npmrc keeps scripts from running, prepack too.
    const built = existsSync(join(root, 'tsconfig.package.json')) && buildPackage(root, env);
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    const but = lacking.map(({ what, remedy }) => `, but ${what}; ${remedy}`).join('');
    const ready = changed || built;
    process.stderr.write(ready ? `setup: ready after ${seconds} s\n` : `setup: everything is there${but}\n`);
    return 0;
  } catch (error) {
    process.stderr.write(`${problemLine(error, env)}\n`);
    return 1;
  }
}
