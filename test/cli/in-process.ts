import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { runCommandLine } from '../../src/cli/command-line.ts';

export interface Ended {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

const printed = new AsyncLocalStorage<{ stdout: string; stderr: string }>();
// What the command writes, and nothing that the test runner writes meanwhile.
for (const name of ['stdout', 'stderr'] as const) {
  const write = process[name].write.bind(process[name]);
  process[name].write = ((...args: Parameters<typeof write>) => {
    const kept = printed.getStore();
    if (kept === undefined) return write(...args);
    kept[name] += String(args[0]);
    return true;
  }) as typeof write;
}

/**
 * `gcnc ARGS` in this process: what it prints and its exit code, without the second that a process takes to start. One at a time, and for
 * what no variable of the environment decides before TensorFlow is loaded. Processes themselves are tried in main.test.ts and test/sweep.
 */
export async function gcnc(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const kept = { stdout: '', stderr: '' };
  const before = { environment: { ...process.env }, exitCode: process.exitCode };
  Object.assign(process.env, { GCNC_DEBUG: '' }, environment);
  process.exitCode = undefined;
  try {
    await printed.run(kept, () => runCommandLine(args));
    return { status: Number(process.exitCode ?? 0), ...kept };
  } finally {
    process.exitCode = before.exitCode;
    for (const name of Object.keys(process.env)) if (!(name in before.environment)) delete process.env[name];
    Object.assign(process.env, before.environment);
  }
}

/** What a command that must succeed writes to standard output. */
export async function outputOf(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<string> {
  const { status, stdout, stderr } = await gcnc(args, environment);
  assert.equal(status, 0, stderr);
  return stdout;
}

/** The one line of a command that is refused: exit code 2, and on standard output nothing, or with --json the error's record. */
export async function refusalOf(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<string> {
  const { status, stdout, stderr } = await gcnc(args, environment);
  assert.equal(status, 2, stderr);
  if (args.includes('--json')) assert.equal(JSON.parse(stdout).error.message, stderr.trimEnd());
  else assert.equal(stdout, '');
  assert.equal(stderr.trimEnd().split('\n').length, 1, stderr);
  return stderr.trimEnd();
}
