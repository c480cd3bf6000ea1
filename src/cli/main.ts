import { reportError, runCommandLine } from './command-line.ts';

// A reader that went away (`| head`) is no error, and a sweep goes on without it.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
for (const event of ['uncaughtException', 'unhandledRejection'])
  process.on(event, (error) => {
    void reportError(error, process.argv.slice(2)).finally(() => process.exit());
  });
await runCommandLine(process.argv.slice(2));
