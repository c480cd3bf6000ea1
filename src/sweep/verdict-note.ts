import type { RunSpec } from '../config/expand.ts';
import { canonicalJson } from '../files/canonical-json.ts';
import { fewestConfigurations } from '../statistics/association.ts';

/** From here on a strong effect is mostly found: docs/statistics.md has the power. */
const recommendedConfigurations = 8;

/** Says so, before hours of training, where a sweep plans too few configurations for a verdict; one network alone asks for none. */
export function verdictNote(runs: readonly RunSpec[]): readonly string[] {
  // Seeds are no configurations of their own, nor are ways to measure or evaluate the same networks.
  const trained = ({ config: { data, model, training, contents } }: RunSpec): string =>
    canonicalJson({ data, model, training, contents: contents ?? null });
  const count = new Set(runs.map(trained)).size;
  if (count < 2 || count >= fewestConfigurations) return [];
  return [
    `${count} configurations: no verdict on a trend; ${fewestConfigurations} are the least, ${recommendedConfigurations} recommended`,
  ];
}
