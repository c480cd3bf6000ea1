import type { DataSource, SourceOptions } from './data-source.ts';
import type { Normalization } from './image-set.ts';

/** A file that a data set is published as. */
export interface RemoteFile {
  readonly url: string;
  readonly bytes: number;
  /** As published; it finds damage, and is no defence against forgery. */
  readonly md5: string;
}

/** Where a data set can be fetched: one archive that holds `folder`, or single files that go into it. */
export interface RemoteDataSet {
  readonly name: string;
  readonly archive: boolean;
  readonly files: readonly RemoteFile[];
  /** In the data folder; complete once all of `required` are there. */
  readonly folder: string;
  readonly required: readonly string[];
}

/** A data set with a name: one file under sets/, and one row in data-sets.ts. */
export interface DataSet {
  readonly name: string;
  readonly open: (options: SourceOptions) => DataSource;
  /** The class split that `data.split: auto` means. */
  readonly ownSplit: string;
  /** Its images where `data.imageSize` and `data.channels` are absent. */
  readonly images: { readonly side: number; readonly channels: number };
  /** The data set where a folder that the user names holds its files; undefined for another folder. */
  readonly openFolder?: (folder: string, options: SourceOptions) => DataSource | undefined;
  /** Mean and population deviation over all pixels of the official training set, scaled to [0,1]; measured where absent. */
  readonly normalization?: Normalization;
  /** What `gcnc data fetch` brings; addresses and checksums are the publisher's. */
  readonly remote?: Omit<RemoteDataSet, 'name'>;
  /** Class splits that come with the program, by name. */
  readonly splits?: Readonly<Record<string, URL>>;
}

/** Files of one address. */
export const remoteFiles = (
  base: string,
  files: readonly (readonly [name: string, bytes: number, md5: string])[],
): readonly RemoteFile[] => files.map(([name, bytes, md5]) => ({ url: `${base}/${name}`, bytes, md5 }));
