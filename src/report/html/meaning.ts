import { groupBy } from '../../statistics/group-by.ts';
import type { Results } from '../aggregate.ts';
import { counted } from '../number-text.ts';
import { inputSpaces } from '../several-evaluations.ts';
import { underTrainedRule } from '../under-trained.ts';
import { html, type Markup } from './markup.ts';

/** What each quantity is, in what units and from how many examples. */
export function meaning(results: Results): Markup {
  const spaces = inputSpaces(results.finished).join(', ') || 'normalized';
  const sharp = results.finished.find(({ final }) => final.sharpness)?.final.sharpness;
  const probed = groupBy(
    results.finished.flatMap(({ final }) => final.measures[0]?.geometricComplexity ?? []),
    ({ estimator, examples, probes, layer, dimension, precision }) =>
      `estimator ${estimator}, ${examples} examples, ${probes} probes each, layer ${layer} (${dimension} wide), ${precision}`,
  );
  const how = [...probed].map(
    ([text, { length }]) => `; ${text}${probed.size > 1 ? ` (${counted(length, 'run')})` : ''}`,
  );
  return html`<dl>
<dt>GC, geometric complexity</dt><dd>Mean over examples of the squared Frobenius norm of the embedding’s Jacobian, in inference
mode; squared embedding units per squared input unit (${spaces} inputs)${how.join('')}.</dd>
<dt>CDNV</dt><dd>Class-distance normalised variance: (Var_i + Var_j) / (2 ‖μ_i − μ_j‖²), mean over pairs of classes.</dd>
<dt>Geometric collapse</dt><dd>The same with each class’s GC in place of its variance; bounds CDNV up to a constant of the inputs.</dd>
<dt>NC1</dt><dd>tr(S_W S_B⁺) / C of the within- and between-class covariances.</dd>
${
  sharp
    ? html`<dt>Sharpness</dt><dd>Rise of the loss of ${sharp[0]!.examples} source training images one step up its gradient, in inference mode; the
step’s length is measured ${sharp.map(({ kind, rho }) => `${kind === 'adaptive' ? 'relative to each weight (adaptive' : 'in the weights’ units (plain'}, ρ ${rho})`).join(' or ')}.</dd>`
    : ''
}
<dt>Few-shot accuracy</dt><dd>Mean over seeded episodes on classes that training never saw; a readout is fitted on frozen embeddings.
The intervals shown here are over training seeds, not over episodes.</dd>
<dt>Under-trained</dt><dd>${underTrainedRule.replace('under-trained: ', 'Marked where: ')}. A network that does not fit has low GC too.</dd>
</dl>`;
}
