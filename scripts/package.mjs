/** What the npm package holds beside its sources: dist/ with JavaScript, types, data and the sources of TensorFlow's addon. */
import { fileURLToPath } from 'node:url';
import { buildPackage } from './setup/build-package.mjs';
import { problemLine } from './setup/problem.mjs';

try {
  buildPackage(fileURLToPath(new URL('..', import.meta.url)), process.env);
} catch (error) {
  process.stderr.write(`${problemLine(error, process.env)}\n`);
  process.exitCode = 1;
}
