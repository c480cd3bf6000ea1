import { add } from '../backend/kernels/pointwise.ts';
import { halfSumOfSquares } from '../backend/kernels/sum-of-squares.ts';
import { cast, dispose, type Tensor } from '../backend/tensor.ts';

/** Gradients by weight name, summed over the terms of the loss. */
export class GradientSum {
  readonly #gradients = new Map<string, Tensor>();

  /** Takes over the gradient. */
  readonly add = (name: string, gradient: Tensor): void => {
    const before = this.#gradients.get(name);
    if (!before) {
      this.#gradients.set(name, gradient);
      return;
    }
    const terms = [cast(before, 'float32'), cast(gradient, 'float32')] as const;
    this.#gradients.set(name, add(...terms));
    dispose(before, gradient, ...terms);
  };

  /** Half the squared norm of all gradients so far, a float32 scalar. The gradients are float32 from here on: the update needs no cast. */
  halfSquaredNorm(): Tensor {
    for (const [name, gradient] of this.#gradients) {
      this.#gradients.set(name, cast(gradient, 'float32'));
      dispose(gradient);
    }
    return halfSumOfSquares([...this.#gradients.values()]);
  }

  /** Hands the sum to the caller; undefined where nothing was added. */
  take(name: string): Tensor | undefined {
    const gradient = this.#gradients.get(name);
    this.#gradients.delete(name);
    return gradient;
  }
}
