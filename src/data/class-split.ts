/** Which classes a network is trained on, and which it never sees. */
export interface ClassSplit {
  readonly name: string;
  readonly source: readonly string[];
  readonly validation: readonly string[];
  readonly target: readonly string[];
}
