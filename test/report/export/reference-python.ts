import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createServer } from 'node:net';

/**
 * A Python that has the packages: GCNC_TEST_PYTHON (.ci/run makes one), else one on PATH. Where there is none, the reason to skip a
 * test with; under CI=true that is an error, so that nothing goes unchecked there.
 */
export function pythonWith(packages: readonly string[]): {
  readonly python: string;
  readonly skip: string | false;
} {
  const named = process.env.GCNC_TEST_PYTHON;
  const imports = packages.map((each) => `import importlib.metadata as m; m.version("${each}")`).join('; ');
  for (const python of named ? [named] : ['python3', 'python']) {
    try {
      execFileSync(python, ['-c', imports], { stdio: 'ignore' });
      return { python, skip: false };
    } catch {}
  }
  const reason = `no Python with ${packages.join(', ')}: set GCNC_TEST_PYTHON to one (pip install ${packages.join(' ')})`;
  if (process.env.CI === 'true') throw new Error(reason);
  return { python: '', skip: reason };
}

/** What a Python script prints, as JSON. */
export const runPython = (python: string, script: string, args: readonly string[] = []): unknown =>
  JSON.parse(
    execFileSync(python, ['-c', script, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }),
  );

export interface Server {
  readonly url: string;
  readonly stop: () => Promise<void>;
}

/** Starts a server in its own process group on a free port and waits until `path` answers with 200; throws if it ends before. */
export async function startServer(
  command: string,
  args: (port: number) => readonly string[],
  path: string,
): Promise<Server> {
  const port = await freePort();
  const environment = {
    ...process.env,
    MLFLOW_DISABLE_TELEMETRY: 'true',
    DO_NOT_TRACK: 'true',
    MLFLOW_SERVER_ENABLE_JOB_EXECUTION: 'false',
  };
  const child = spawn(command, args(port), {
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
    env: environment,
  });
  let errors = '';
  child.stderr.on('data', (chunk) => {
    errors = (errors + chunk).slice(-4000);
  });
  const url = `http://127.0.0.1:${port}`;
  while (!(await answers(`${url}${path}`))) {
    if (child.exitCode !== null) throw new Error(`${command} ended: ${errors}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return { url, stop: () => stop(child) };
}

const answers = (url: string): Promise<boolean> =>
  fetch(url).then(
    ({ ok }) => ok,
    () => false,
  );

/** The server's workers are in its group. */
async function stop(child: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => child.once('exit', resolve));
  process.kill(-child.pid!, 'SIGKILL');
  await ended;
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
