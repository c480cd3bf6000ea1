/** Embeddings of labelled examples, on the host. */
export interface Embeddings {
  /** [examples, dimension], row-major. */
  readonly values: Float32Array | Float64Array;
  readonly dimension: number;
  /** Index into `classNames`, one per example. */
  readonly labels: Int32Array;
  readonly classNames: readonly string[];
}
