/**
 * Names of run folders. `--force` starts a run over beside the old: `<name>`, `<name>.retry2`, `<name>.retry3`. The latest
 * is the run; the earlier ones are kept and shown nowhere.
 */
export function parseRunFolderName(name: string): { readonly base: string; readonly attempt: number } {
  const match = /^(.*)\.retry([1-9]\d{0,5})$/.exec(name);
  return match ? { base: match[1]!, attempt: Number(match[2]) } : { base: name, attempt: 1 };
}

export const runFolderName = (base: string, attempt: number): string =>
  attempt === 1 ? base : `${base}.retry${attempt}`;

/** The latest attempt of each run among folder names, in the order given. */
export function latestAttempts(names: readonly string[]): readonly string[] {
  const latest = new Map<string, number>();
  for (const name of names) {
    const { base, attempt } = parseRunFolderName(name);
    latest.set(base, Math.max(attempt, latest.get(base) ?? 0));
  }
  return [...latest].map(([base, attempt]) => runFolderName(base, attempt));
}
