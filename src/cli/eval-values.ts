import { readFileSync } from 'node:fs';
import { InvalidArgumentError } from 'commander';
import { parseEpisodes } from '../fewshot/episode-file.ts';
import type { EpisodeList } from '../fewshot/episodes.ts';
import { refusing } from '../files/open-file.ts';
import {
  type ImageReadoutName,
  imageReadoutNames,
  type ReadoutName,
  readoutNames,
} from '../readouts/readouts.ts';
import { wholeNumber } from './numbers.ts';

/** Values of the options of `gcnc eval`. */

/** A number of classes, or `all`. */
export const waysOf = (text: string): number | 'all' => (text === 'all' ? text : wholeNumber(2)(text));

const listOf = <Item extends string | number>(text: string, read: (word: string) => Item): Item[] => {
  const items = text.split(',').map((word) => read(word.trim()));
  const repeated = items.find((item, index) => items.indexOf(item) !== index);
  if (repeated !== undefined) throw new InvalidArgumentError(`${repeated} is named twice`);
  return items;
};

/** `1,5,all`. */
export function shotsOf(text: string): (number | 'all')[] {
  return listOf(text, (word) => {
    if (word === 'all') return word;
    const count = Number(word);
    if (!/^\d{1,6}$/.test(word) || count < 1)
      throw new InvalidArgumentError('allowed are whole numbers from 1, and all, such as 1,5,all');
    return count;
  });
}

/** `logistic,cosine`. */
export function readoutsOf(text: string): (ReadoutName | ImageReadoutName)[] {
  const names = [...readoutNames, ...imageReadoutNames];
  return listOf(text, (word) => {
    const name = names.find((each) => each === word);
    if (name === undefined) throw new InvalidArgumentError(`allowed are ${names.join(', ')}`);
    return name;
  });
}

/** `--episode-list`. Throws InputError. */
export const episodesIn = (path: string): EpisodeList =>
  parseEpisodes(
    refusing(path, () => readFileSync(path, 'utf8'), { before: '--episode-list ' }),
    path,
  );
