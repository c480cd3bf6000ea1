import { add } from '../backend/kernels/pointwise.ts';
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

  /** Hands the sum to the caller; undefined where nothing was added. */
  take(name: string): Tensor | undefined {
    const gradient = this.#gradients.get(name);
    this.#gradients.delete(name);
    return gradient;
  }
}
