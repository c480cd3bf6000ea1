import type { MeasureKey } from '../../src/measures/measure-rows.ts';
import type { readoutNames } from '../../src/readouts/readouts.ts';

/** What every checkpoint of the smoke sweep is to have. */
export interface Wanted {
  readonly splits: readonly string[];
  readonly measures: readonly MeasureKey[];
  readonly shots: readonly number[];
  readonly readouts: readonly (typeof readoutNames)[number][];
}

type Json = { readonly [key: string]: unknown };
const isFiniteNumber = (value: unknown): boolean => typeof value === 'number' && Number.isFinite(value);

/**
 * What a line of `metrics.jsonl` lacks of all that was asked for, one line of text each. The line is read as it stands: a
 * measure is there only if its key is, with a finite number, or with null and a reason.
 */
export function missingResults(line: string, wanted: Wanted): readonly string[] {
  const record: Json = JSON.parse(line);
  const measures = (record.measures ?? []) as readonly Json[];
  const missing = wanted.splits.flatMap((split) => {
    const found = measures.find((each) => each.split === split);
    return found === undefined
      ? [`${split} was not measured`]
      : missingMeasures(split, found, wanted.measures);
  });
  const results = ((record.fewshot as Json | null)?.results ?? []) as readonly Json[];
  for (const readout of wanted.readouts)
    for (const shots of wanted.shots) {
      const found = results.find((each) => each.readout === readout && each.shots === shots);
      if (!isFiniteNumber(found?.accuracy))
        missing.push(`few-shot accuracy: ${readout} has none with ${shots} shots`);
    }
  const sharpness = (record.sharpness ?? []) as readonly Json[];
  for (const kind of ['adaptive', 'plain'])
    if (!isFiniteNumber(sharpness.find((each) => each.kind === kind)?.value))
      missing.push(`sharpness: ${kind} is not finite`);
  return missing;
}

function missingMeasures(split: string, found: Json, keys: readonly string[]): readonly string[] {
  const collapse = found.neuralCollapse as Json;
  const reasons = (collapse.undefinedBecause ?? {}) as Json;
  const missing = keys.filter(
    (key) => !isFiniteNumber(collapse[key]) && !(collapse[key] === null && typeof reasons[key] === 'string'),
  );
  const complexity = found.geometricComplexity as Json;
  return [
    ...missing.map((key) => `${split}: ${key} is neither finite nor null with a reason`),
    ...['value', 'standardError']
      .filter((key) => !isFiniteNumber(complexity[key]))
      .map((key) => `${split}: the ${key} of geometric complexity is not finite`),
  ];
}
