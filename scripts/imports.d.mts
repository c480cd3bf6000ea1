export const folderOrder: readonly string[];
export function importsOf(root: string): ReadonlyMap<string, readonly string[]>;
export function folderOf(file: string): string;
export function folderImports(
  imports: ReadonlyMap<string, readonly string[]>,
): ReadonlyMap<string, ReadonlyMap<string, number>>;
export function circlesOf(imports: ReadonlyMap<string, readonly string[]>): readonly (readonly string[])[];
export function importGraph(root: string): string;
export function architectureText(root: string, document: string): string;
