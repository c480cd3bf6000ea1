import pino from 'pino';
import { InputError } from './input-error.ts';

const levels = ['silent', 'error', 'warn', 'info', 'debug', 'trace'] as const;

/** GCNC_LOG's level; `warn` where it is not set. Throws InputError for another word. */
export const levelOf = (asked: string | undefined): (typeof levels)[number] => {
  if (asked === undefined || asked === '') return 'warn';
  const level = levels.find((each) => each === asked);
  if (level === undefined) throw new InputError(`GCNC_LOG is ${asked}; allowed are ${levels.join(', ')}`);
  return level;
};

const bookkeeping = new Set(['level', 'time', 'msg']);

/** One of pino's JSON lines for people: a warning is its text alone, another level comes first: `debug: text  key=value`. */
export const readable = (line: string): string => {
  const record: Record<string, unknown> = JSON.parse(line);
  const details = Object.entries(record)
    .filter(([key]) => !bookkeeping.has(key))
    .map(([key, value]) => `  ${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
  const level = record.level === 'warn' ? '' : `${record.level}: `;
  return `${level}${record.msg}${details.join('')}\n`;
};

/** What pino's records have here: the level's name and the time in ISO 8601, and no process and host. */
export const recordOptions = {
  base: null,
  timestamp: pino.stdTimeFunctions.isoTime,
  formatters: { level: (level: string) => ({ level }) },
} as const;

/**
 * Every line about the program's own doing, on standard error: warnings, and what GCNC_LOG=debug asks for. Results go to standard
 * output, an error that ends the command to the command line's own handler, a run's times and rates to its log.jsonl.
 */
export const diagnostics = pino(
  { ...recordOptions, level: 'warn' },
  { write: (line: string) => void process.stderr.write(readable(line)) },
);

/** Takes the level from GCNC_LOG. */
export const setDiagnosticsLevel = (environment: NodeJS.ProcessEnv): void => {
  diagnostics.level = levelOf(environment.GCNC_LOG);
};
