import { existsSync, statSync } from 'node:fs';

/** Whether there is a folder, or a link to one, at `path`; false where it cannot be told. */
export const isFolder = (path: string): boolean => existsSync(path) && statSync(path).isDirectory();
