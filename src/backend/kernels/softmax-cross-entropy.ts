import { dispose, execute, float, int, run, type Tensor } from '../tensor.ts';

export interface CrossEntropy {
  /** [examples] */
  readonly losses: Tensor;
  /** [examples, classes]: gradient of the sum of the losses with respect to the logits. */
  readonly gradient: Tensor;
}

/**
 * Cross-entropy of logits [examples, classes] with labels [examples] int32, smoothed as PyTorch does: 1 - s + s/classes on the
 * label, s/classes elsewhere. Ops: OneHot, SoftmaxCrossEntropyWithLogits.
 */
export const softmaxCrossEntropy = (logits: Tensor, labels: Tensor, labelSmoothing = 0): CrossEntropy => {
  const classes = logits.shape[1]!;
  const off = labelSmoothing / classes;
  const targets = run('OneHot', [labels, int(classes), float(1 - labelSmoothing + off), float(off)], {
    T: { type: 'float32' },
    TI: { type: 'int32' },
    axis: { int: -1 },
  });
  const [losses, gradient] = execute(
    'SoftmaxCrossEntropyWithLogits',
    [logits, targets],
    { T: { type: 'float32' } },
    2,
  );
  dispose(targets);
  return { losses: losses!, gradient: gradient! };
};
