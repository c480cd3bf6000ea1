export interface KernelLevel {
  readonly name: string;
  readonly title: string;
  readonly addon?: string;
  readonly cpuFlags: readonly string[];
  readonly compilerFlags: readonly string[];
}
export function kernelLevels(architecture: string): readonly KernelLevel[];
export function compiledLevels(architecture: string): readonly KernelLevel[];
export function kernelsFile(level: { readonly name: string; readonly addon?: string }): string;
