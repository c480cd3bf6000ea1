import { Command } from 'commander';
import { wholeNumber } from './numbers.ts';

/** `gcnc watch DIR`: the report live in the browser, until Ctrl-C. */
export const watchCommand = (): Command =>
  new Command('watch')
    .description("A sweep's report live in the browser, on this machine only; Ctrl-C ends it")
    .argument('<dir>', "a sweep's folder, such as runs/lr")
    .option(
      '--port <n>',
      'port on 127.0.0.1, 0 for any; default 8765, or any where that is in use',
      wholeNumber(0, 65535),
    )
    .option('--json', 'one JSON object on standard output: {url}')
    .action(async (folder: string, { port, json }: { port?: number; json?: boolean }) => {
      const { watchSweep } = await import('../watch/watch-sweep.ts');
      const watched = await watchSweep(folder, port ?? null);
      process.stdout.write(
        json ? `${JSON.stringify({ url: watched.url })}\n` : `${watched.url} (Ctrl-C ends it)\n`,
      );
      await new Promise<void>((resolve) => {
        for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
      });
      await watched.close();
    });
