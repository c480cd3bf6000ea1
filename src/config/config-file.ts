import { parse, stringify } from 'yaml';
import { formatVersion, refuseNewer } from '../files/format-version.ts';
import type { RunConfig } from './schema.ts';

/** The text of a run's config.yaml. */
export const configText = (config: RunConfig): string => stringify({ format: formatVersion, ...config });

/** What config.yaml holds, without its format and unchecked. Throws InputError for a newer format, Error for damage. */
export function parseConfigText(text: string): Readonly<Record<string, unknown>> {
  const read: unknown = parse(text, { schema: 'core', logLevel: 'error' });
  if (typeof read !== 'object' || read === null || Array.isArray(read)) throw new Error('not a mapping');
  refuseNewer(read);
  const { format: _, ...config } = read as Record<string, unknown>;
  return config;
}
