import type { DataSet } from '../data-set.ts';
import { glyphSource } from '../glyphs.ts';

/** Small images that the program draws. */
export const glyphs: DataSet = {
  name: 'glyphs',
  open: glyphSource,
  ownSplit: 'glyphs',
  images: { side: 32, channels: 3 },
  splits: { glyphs: new URL('../splits/glyphs.yaml', import.meta.url) },
};
