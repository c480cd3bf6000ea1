import { existsSync } from 'node:fs';
import { dataFolder } from '../data/data-folder.ts';
import { dataSources } from '../data/sources.ts';

export interface DataState {
  readonly folder: string;
  readonly dataSets: readonly {
    readonly name: string;
    readonly location: string | null;
    readonly present: boolean;
  }[];
}

/** The named data sets and whether their files are where they are looked for; the files are not read. */
export function describeData(env: NodeJS.ProcessEnv): DataState {
  const folder = dataFolder(env);
  const dataSets = Object.entries(dataSources).map(([name, open]) => {
    const { location } = open({ dataFolder: folder });
    return { name, location, present: location === null || existsSync(location) };
  });
  return { folder, dataSets };
}
