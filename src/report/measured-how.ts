import type { FinishedRun } from './aggregate.ts';
import { range } from './number-text.ts';
import { inputSpaces } from './several-evaluations.ts';

/**
 * What a table's numbers are of, for the lines below it: the unit of geometric complexity where it is one, then where and of how much
 * was measured. Runs measure their splits at the embedding, in inference mode.
 */
export function measuredHow(measured: readonly Pick<FinishedRun, 'final'>[]): readonly string[] {
  if (measured.length === 0) return [];
  const spaces = inputSpaces(measured);
  const examples = measured.flatMap(({ final }) =>
    final.measures.map(({ geometricComplexity }) => geometricComplexity.examples),
  );
  const episodes = measured.flatMap(({ final: { fewshot } }) =>
    (fewshot?.results ?? []).map((each) => each.episodes ?? fewshot!.episodes),
  );
  const counts = [
    ...(examples.length === 0 ? [] : [`GC of ${range(examples, 'example')}`]),
    ...(episodes.length === 0 ? [] : [`few-shot accuracy of ${range(episodes, 'episode')}`]),
  ];
  return [
    ...(spaces.length === 1 ? [`GC in squared embedding units per squared ${spaces[0]} input unit`] : []),
    `at the embedding, inference mode${counts.length === 0 ? '' : `; ${counts.join(', ')}`}`,
  ];
}
