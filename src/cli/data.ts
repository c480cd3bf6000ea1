import { existsSync } from 'node:fs';
import { Command } from 'commander';
import { suggestionAmong } from '../config/nearest.ts';
import { dataFolder } from '../data/data-folder.ts';
import { remoteDataSets } from '../data/data-sets.ts';
import type { Downloaded } from '../data/download.ts';
import { fetchDataSet } from '../data/fetch-data.ts';
import { exampleCount } from '../data/image-set.ts';
import { dataSources } from '../data/sources.ts';
import { shippedSplits } from '../data/splits.ts';
import { InputError } from '../input-error.ts';

interface Listed {
  readonly name: string;
  readonly location: string | null;
  readonly present: boolean;
  readonly train: number | null;
  readonly test: number | null;
  readonly classes: number | null;
  readonly shape: readonly [number, number, number] | null;
  readonly splits: readonly string[];
  /** Why a data set that is there cannot be read. */
  readonly error?: string;
}

export interface DataCommandContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Whether `err` is a terminal, on which a line can be rewritten. */
  readonly terminal: boolean;
}

const ofProcess: DataCommandContext = {
  env: process.env,
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  terminal: process.stderr.isTTY ?? false,
};

/** `gcnc data list` and `gcnc data fetch NAME`. */
export function dataCommand({ env, out, err, terminal }: DataCommandContext = ofProcess): Command {
  const command = new Command('data').description('Data sets: what is known and what is there; fetch one');
  command
    .command('list')
    .description('Known data sets, where they are looked for, and how many images are there')
    .option('--json', 'one JSON object on standard output')
    .action(async ({ json }: { json?: boolean }) => {
      const folder = dataFolder(env);
      const listed: Listed[] = [];
      for (const name of Object.keys(dataSources)) listed.push(await describe(name, folder));
      out(json ? `${JSON.stringify({ dataFolder: folder, dataSets: listed })}\n` : listText(folder, listed));
    });
  command
    .command('fetch')
    .description(`Download into the data folder: ${remoteDataSets.map(({ name }) => name).join(', ')}`)
    .argument('<name>')
    .option('--mirror <url>', 'folder that holds the same files; also GCNC_DATA_MIRROR')
    .action(async (name: string, { mirror }: { mirror?: string }) => {
      const remote = remoteDataSets.find((each) => each.name === name);
      if (remote === undefined) {
        const names = remoteDataSets.map((each) => each.name);
        throw new InputError(`data fetch: unknown name ${name}${suggestionAmong(name, names)}`);
      }
      const show = downloadLine(terminal, err);
      const { folder, alreadyThere } = await fetchDataSet(remote, {
        dataFolder: dataFolder(env),
        mirror: mirror ?? (env.GCNC_DATA_MIRROR || undefined),
        onProgress: show,
      });
      err(`${name}: ${alreadyThere ? 'already there' : 'fetched'}, ${folder}\n`);
    });
  return command;
}

async function describe(name: string, folder: string): Promise<Listed> {
  const source = dataSources[name]!({ dataFolder: folder });
  const splits = Object.entries(shippedSplits).flatMap(([split, { dataSet }]) =>
    dataSet === name ? [split] : [],
  );
  const listed = {
    name,
    location: source.location,
    train: null,
    test: null,
    classes: null,
    shape: null,
    splits,
  };
  if (source.location !== null && !existsSync(source.location)) return { ...listed, present: false };
  try {
    const train = await source.load('train');
    const test = await source.load('test');
    return {
      ...listed,
      present: true,
      train: exampleCount(train),
      test: exampleCount(test),
      classes: train.classNames.length,
      shape: [train.height, train.width, train.channels],
    };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { ...listed, present: true, error: error.message };
  }
}

function listText(folder: string, listed: readonly Listed[]): string {
  const lines = listed.map((set) => {
    const where = set.location ?? 'drawn by the program';
    const what = set.error
      ? `unreadable: ${set.error}`
      : set.present
        ? `${set.train} train and ${set.test} test images of ${set.classes} classes, ${set.shape!.join('x')}`
        : `not there; \`gcnc data fetch ${set.name}\``;
    const splits = set.splits.length > 0 ? `; splits ${set.splits.join(', ')}` : '';
    return `${set.name.padEnd(14)} ${what} (${where}${splits})`;
  });
  return `data folder: ${folder} (GCNC_DATA_DIR)\n${lines.join('\n')}\n`;
}

/** On a terminal one line that is rewritten at each percent, else a line each tenth. */
export function downloadLine(
  terminal: boolean,
  write: (text: string) => void,
): (downloaded: Downloaded) => void {
  const step = terminal ? 1 : 10;
  let shown = '';
  return ({ url, bytes, totalBytes }) => {
    const percent = Math.floor((100 * bytes) / totalBytes / step) * step;
    const key = `${url} ${percent}`;
    if (key === shown) return;
    shown = key;
    const text = `${url} ${percent} % of ${(totalBytes / 1e6).toFixed(1)} MB`;
    write(terminal ? `\r${text}${bytes === totalBytes ? '\n' : ''}` : `${text}\n`);
  };
}
