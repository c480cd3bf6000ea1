export interface KernelLevel {
  readonly name: string;
  readonly title: string;
  readonly cpuFlags: readonly string[];
  readonly compilerFlags: readonly string[];
}
export function kernelLevels(architecture: string): readonly KernelLevel[];
export function kernelsFile(level: { readonly name: string }): string;
