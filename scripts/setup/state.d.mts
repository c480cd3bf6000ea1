export interface WantedTensorFlow {
  readonly device: 'cpu' | 'gpu';
  /** What GCNC_TENSORFLOW named; null for the package index. */
  readonly source: string | null;
}

export interface TensorFlowInPlace extends WantedTensorFlow {
  readonly folder: string;
  readonly libraries: Readonly<Record<string, number>>;
  readonly cudaFolders: readonly string[];
  readonly key: string;
}

export function wantedTensorFlow(
  root: string,
  env: NodeJS.ProcessEnv,
  flags?: readonly string[],
): WantedTensorFlow;

export function tensorFlowInPlace(root: string, wanted: WantedTensorFlow): TensorFlowInPlace | null;
