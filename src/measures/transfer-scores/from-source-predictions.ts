import { InputError } from '../../input-error.ts';
import type { Measured } from '../measured.ts';
import { undefinedBecause } from '../measured.ts';

/** What the source's classifier says of the examples. */
export interface SourceLogits {
  /** [examples, classes of the source], row-major. */
  readonly values: Float32Array | Float64Array;
  readonly classes: number;
}

/**
 * LEEP, nat: the mean over examples of log sum_z P(y|z) p(z|x), p the source's softmax and P(y|z) from the mean of p over the examples
 * of each class (Nguyen et al. 2020). At most 0.
 */
export function leep(logits: SourceLogits, labels: Int32Array, classes: number): Measured {
  const probabilities = softmax(logits, labels.length);
  const joint = jointOf(probabilities, logits.classes, labels, classes);
  const marginal = columnSums(joint, logits.classes);
  let sum = 0;
  labels.forEach((label, i) => {
    let likelihood = 0;
    for (let z = 0; z < logits.classes; z++) {
      const p = probabilities[i * logits.classes + z]!;
      if (p > 0 && marginal[z]! > 0) likelihood += (p * joint[label * logits.classes + z]!) / marginal[z]!;
    }
    sum += Math.log(likelihood);
  });
  return Number.isFinite(sum)
    ? sum / labels.length
    : undefinedBecause('a likelihood is below the range of float64');
}

/** NCE, nat: minus the conditional entropy of the label given the source's most probable class (Tran et al. 2019). At most 0. */
export function nce(logits: SourceLogits, labels: Int32Array, classes: number): Measured {
  checkLogits(logits, labels.length);
  const chosen = new Float64Array(logits.values.length);
  for (let i = 0; i < labels.length; i++) {
    const row = logits.values.subarray(i * logits.classes, (i + 1) * logits.classes);
    let best = 0;
    for (let z = 1; z < row.length; z++) if (row[z]! > row[best]!) best = z;
    chosen[i * logits.classes + best] = 1;
  }
  const joint = jointOf(chosen, logits.classes, labels, classes);
  const marginal = columnSums(joint, logits.classes);
  let sum = 0;
  joint.forEach((count, at) => {
    if (count > 0) sum += (count / labels.length) * Math.log(count / marginal[at % logits.classes]!);
  });
  return sum;
}

/** [classes, classes of the source]: sums over the examples of each class. */
function jointOf(probabilities: Float64Array, of: number, labels: Int32Array, classes: number): Float64Array {
  const joint = new Float64Array(classes * of);
  labels.forEach((label, i) => {
    for (let z = 0; z < of; z++) joint[label * of + z]! += probabilities[i * of + z]!;
  });
  return joint;
}

function columnSums(joint: Float64Array, columns: number): Float64Array {
  const sums = new Float64Array(columns);
  joint.forEach((value, at) => {
    sums[at % columns]! += value;
  });
  return sums;
}

function softmax(logits: SourceLogits, examples: number): Float64Array {
  checkLogits(logits, examples);
  const out = Float64Array.from(logits.values);
  for (let at = 0; at < out.length; at += logits.classes) {
    const row = out.subarray(at, at + logits.classes);
    const largest = row.reduce((a, b) => Math.max(a, b), -Infinity);
    let sum = 0;
    for (let z = 0; z < row.length; z++) {
      row[z] = Math.exp(row[z]! - largest);
      sum += row[z]!;
    }
    for (let z = 0; z < row.length; z++) row[z]! /= sum;
  }
  return out;
}

function checkLogits({ values, classes }: SourceLogits, examples: number): void {
  if (!(classes >= 1) || values.length !== examples * classes)
    throw new InputError(
      `logits: ${values.length} values for ${examples} examples of ${classes} classes; expected ${examples * classes}`,
    );
  const at = values.findIndex((value: number) => !Number.isFinite(value));
  if (at >= 0)
    throw new InputError(
      `logits: ${values[at]} at example ${Math.floor(at / classes)}, class ${at % classes}; only finite numbers are allowed`,
    );
}
