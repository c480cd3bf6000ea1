import { join, resolve } from 'node:path';
import { isPackageBuilt } from '../../scripts/setup/build-package.mjs';

const root = resolve(import.meta.dirname, '../..');

/**
 * What Node is given to start the program: the package's JavaScript, which starts and starts its runs half a second sooner, or the
 * TypeScript where dist/ is not of src/ as it is. scripts/test.mjs makes dist/ first.
 */
export const gcncCommand: readonly string[] = isPackageBuilt(root)
  ? [join(root, 'dist/cli/main.js')]
  : ['--import', 'tsx', join(root, 'src/cli/main.ts')];
