import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { isTildePath, tildeMessage } from '../files/tilde.ts';
import { InputError } from '../input-error.ts';

interface Row {
  readonly name: string;
  readonly description: string;
  readonly load: () => Promise<Command>;
  readonly hidden?: boolean;
}

/** Every command; its file is loaded when it is called, so that help and plans start without TensorFlow. */
const commands: readonly Row[] = [
  {
    name: 'sweep',
    description: 'Train and measure all runs of a sweep file, or go on where they stopped',
    load: async () => (await import('./sweep.ts')).sweepCommand(),
  },
  {
    name: 'train',
    description: 'A sweep of one run',
    load: async () => (await import('./train.ts')).trainCommand(),
  },
  {
    name: 'run',
    description: "A run's own process, in its folder",
    load: async () => (await import('./run.ts')).runCommand(),
    hidden: true,
  },
  {
    name: 'measure',
    description: 'Geometric complexity and neural collapse of a checkpoint',
    load: async () => (await import('./measure.ts')).measureCommand(),
  },
  {
    name: 'eval',
    description: 'Few-shot accuracy of a checkpoint, or of embeddings from a file',
    load: async () => (await import('./eval.ts')).evalCommand(),
  },
  {
    name: 'embed',
    description: 'Embeddings and labels of a split, as .npz',
    load: async () => (await import('./embed.ts')).embedCommand(),
  },
  {
    name: 'import',
    description: "A checkpoint of torchvision's weights",
    load: async () => (await import('./import.ts')).importCommand(),
  },
  {
    name: 'report',
    description: "The report of a sweep's folder: one HTML page and its figures",
    load: async () => (await import('./report.ts')).reportCommand(),
  },
  {
    name: 'runs',
    description: 'All runs of sweeps in one table, by conditions and the best first',
    load: async () => (await import('./runs.ts')).runsCommand(),
  },
  {
    name: 'predict',
    description: 'Which measure ranks few-shot accuracy best, over the configurations of sweeps',
    load: async () => (await import('./predict.ts')).predictCommand(),
  },
  {
    name: 'compare',
    description: 'Runs side by side: the columns that differ, means and intervals over seeds',
    load: async () => (await import('./compare.ts')).compareCommand(),
  },
  {
    name: 'watch',
    description: "A sweep's report live in the browser, on this machine only",
    load: async () => (await import('./watch.ts')).watchCommand(),
  },
  {
    name: 'export',
    description: "A sweep's records as CSV, JSON or Parquet, or for TensorBoard or MLflow",
    load: async () => (await import('./export.ts')).exportCommand(),
  },
  {
    name: 'config',
    description: 'The resolved config of a sweep file, and where each value came from',
    load: async () => (await import('./config.ts')).configCommand(),
  },
  {
    name: 'data',
    description: 'Data sets: what is known and what is there; fetch one',
    load: async () => (await import('./data.ts')).dataCommand(),
  },
  {
    name: 'schema',
    description: 'JSON Schema of sweep files, for editors; --markdown for people',
    load: async () => (await import('./schema.ts')).schemaCommand(),
  },
  {
    name: 'setup',
    description: 'Bring TensorFlow and compile its addon; commands that need them do so by themselves',
    load: async () => (await import('./setup.ts')).setupCommand(),
  },
  {
    name: 'doctor',
    description: 'What is installed, which device is used, what is missing and what to do',
    load: async () => (await import('./doctor.ts')).doctorCommand(),
  },
];

/** Runs one command line; the result is in process.exitCode: 0 done, 1 a run or the program failed, 2 wrong input. Throws nothing. */
export const runCommandLine = (args: readonly string[]): Promise<void> =>
  run(args).catch((error) => reportError(error, args));

async function run(args: readonly string[]): Promise<void> {
  const words = args.filter((each) => !each.startsWith('-'));
  // Help needs no variables and no logger.
  if (words.length > 0) {
    (await import('../environment-words.ts')).checkEnvironmentWords(process.env);
    (await import('../diagnostics.ts')).setDiagnosticsLevel(process.env);
  }
  const asked = words[0] === 'help' ? words[1] : words[0];
  const program = new Command('gcnc')
    .description('Geometric complexity, neural collapse and few-shot transfer of image classifiers')
    .version(version(), '--version')
    .configureOutput({ outputError: () => {} })
    .exitOverride();
  for (const { name, description, load, hidden = false } of commands)
    program.addCommand(name === asked ? await load() : new Command(name).description(description), {
      hidden,
    });
  for (const command of program.commands) inherit(command, program);
  if (args.length === 0) {
    process.exitCode = 2;
    process.stderr.write(program.helpInformation());
    return;
  }
  for (const word of args) {
    const value = /^--[\w-]+=(.*)$/s.exec(word)?.[1] ?? word;
    if (isTildePath(value)) throw new InputError(tildeMessage(value));
  }
  // The parser's own help of a command that there is not is everybody's help, with exit code 0.
  const isUnknown = asked !== undefined && asked !== 'help' && !commands.some(({ name }) => name === asked);
  await program.parseAsync(words[0] === 'help' && isUnknown ? [asked] : args, { from: 'user' });
}

function inherit(command: Command, parent: Command): void {
  command.copyInheritedSettings(parent);
  for (const each of command.commands) inherit(each, command);
}

/**
 * One line on standard error and the exit code; GCNC_DEBUG=1 shows the stack. With --json, `{"error": ...}` on standard output too
 * (error-json.ts), where a program looks for the result.
 */
export async function reportError(error: unknown, args: readonly string[] = []): Promise<void> {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return;
    process.exitCode = 2;
    // Help that was printed for want of a command is the message.
    if (error.code === 'commander.help') return;
    const listed = error.code === 'commander.unknownCommand' ? '; gcnc --help lists the commands' : '';
    const said = `${oneLine(error.message)}${listed}`;
    process.stderr.write(`${said}\n`);
    await printRecord(error, said, args);
    return;
  }
  const message = error instanceof Error ? error.message : String(error);
  const isInput = error instanceof InputError;
  process.exitCode = isInput ? 2 : 1;
  const debug = process.env.GCNC_DEBUG === '1';
  const hint = isInput || debug ? '' : ' (GCNC_DEBUG=1 shows where)';
  process.stderr.write(`${isInput ? '' : 'gcnc failed: '}${oneLine(message)}${hint}\n`);
  await printRecord(error, oneLine(message), args);
  if (debug && error instanceof Error) process.stderr.write(`${error.stack}\n`);
}

async function printRecord(error: unknown, message: string, args: readonly string[]): Promise<void> {
  if (!args.includes('--json')) return;
  const { errorRecord } = await import('./error-json.ts');
  const record = errorRecord(error, message, Number(process.exitCode), error instanceof CommanderError);
  process.stdout.write(`${JSON.stringify({ error: record })}\n`);
}

const oneLine = (text: string): string => text.trim().replaceAll(/\s*\n\s*/g, ' ');

const version = (): string =>
  JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version;
