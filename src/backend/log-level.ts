import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { diagnostics } from '../diagnostics.ts';

const require = createRequire(import.meta.url);

/**
 * Loads TensorFlow's framework library before its addon does, without its two lines about oneDNN, and has it log warnings and errors
 * only. With GCNC_LOG at debug or trace, and where set-up could not compile the addon, TensorFlow prints what it likes.
 */
export function loadFrameworkQuietly(addonFolder: string, level: string | undefined): void {
  const addon = join(addonFolder, 'gcnc_log_level.node');
  const record = join(addonFolder, 'gcnc-setup.json');
  if (level === 'debug' || level === 'trace' || !existsSync(addon) || !existsSync(record)) return;
  try {
    const { folder, libraries }: { folder: string; libraries: object } = JSON.parse(
      readFileSync(record, 'utf8'),
    );
    const name = Object.keys(libraries).find((each) => each.includes('framework'));
    const { loadQuietly }: { loadQuietly: (path: string) => boolean } = require(addon);
    if (name !== undefined) loadQuietly(join(folder, name));
  } catch (error) {
    diagnostics.debug(`TensorFlow's log level stays: ${(error as Error).message}`);
  }
}
