export interface WantedTensorFlow {
  readonly device: 'cpu' | 'gpu';
  /** What GCNC_TENSORFLOW named; null for the package index. */
  readonly source: string | null;
}

export interface TensorFlowInPlace extends WantedTensorFlow {
  readonly folder: string;
  readonly libraries: Readonly<Record<string, number>>;
  readonly cudaFolders: readonly string[];
  readonly addons: Readonly<Record<string, AddonRecord>>;
}

export interface AddonRecord {
  readonly key: string;
  /** Why an optional addon was left out. */
  readonly failure: { readonly what: string; readonly remedy: string; readonly compiler: string } | null;
}

export function wantedTensorFlow(
  root: string,
  env: NodeJS.ProcessEnv,
  flags?: readonly string[],
): WantedTensorFlow;

export function tensorFlowInPlace(
  root: string,
  wanted: WantedTensorFlow,
  env: NodeJS.ProcessEnv,
): TensorFlowInPlace | null;
