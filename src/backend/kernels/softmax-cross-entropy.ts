import { hasOwnKernels } from '../load.ts';
import { dispose, execute, float, int, ints, run, type Tensor } from '../tensor.ts';
import { multiply } from './pointwise.ts';

export interface CrossEntropy {
  /** [examples] */
  readonly losses: Tensor;
  /** [examples, classes]: gradient of the sum of the losses with respect to the logits. */
  readonly gradient: Tensor;
}

const typed = { T: { type: 'float32' } } as const;

/**
 * Cross-entropy of logits [examples, classes] with labels [examples] int32, smoothed as PyTorch does: 1 - s + s/classes on the
 * label, s/classes elsewhere. Ops: OneHot, and those of one of the two below.
 */
export const softmaxCrossEntropy = (logits: Tensor, labels: Tensor, labelSmoothing = 0): CrossEntropy => {
  const classes = logits.shape[1]!;
  const off = labelSmoothing / classes;
  const targets = run('OneHot', [labels, int(classes), float(1 - labelSmoothing + off), float(off)], {
    T: { type: 'float32' },
    TI: { type: 'int32' },
    axis: { int: -1 },
  });
  const found = (hasOwnKernels() ? crossEntropyInOneOp : crossEntropyInSteps)(logits, targets);
  dispose(targets);
  return found;
};

/** For logits and targets [examples, classes]. On a GPU TensorFlow refuses this op where results must not vary. Op: SoftmaxCrossEntropyWithLogits. */
export const crossEntropyInOneOp = (logits: Tensor, targets: Tensor): CrossEntropy => {
  const [losses, gradient] = execute('SoftmaxCrossEntropyWithLogits', [logits, targets], typed, 2);
  return { losses: losses!, gradient: gradient! };
};

/** The same by ops that are deterministic on every device; targets sum to 1. Ops: LogSoftmax, Mul, Sum, Neg, Exp, Sub. */
export const crossEntropyInSteps = (logits: Tensor, targets: Tensor): CrossEntropy => {
  const logProbabilities = run('LogSoftmax', [logits], typed);
  const weighted = multiply(targets, logProbabilities);
  const sums = run('Sum', [weighted, ints([1])], {
    ...typed,
    Tidx: { type: 'int32' },
    keep_dims: { bool: false },
  });
  const losses = run('Neg', [sums], typed);
  const probabilities = run('Exp', [logProbabilities], typed);
  const gradient = run('Sub', [probabilities, targets], typed);
  dispose(logProbabilities, weighted, sums, probabilities);
  return { losses, gradient };
};
