import { diagnostics } from '../diagnostics.ts';
import type { DataSource } from './data-source.ts';

/** The largest value of 4 bits, of 12 bits in 16, and of 0 to 16 as scikit-learn's digits have it: photographs go beyond in every set. */
const darkest = 16;

/** The source, with one warning where no value of a part that it loads is above 16 of 255: its values had another range. */
export function warningOfBlack(source: DataSource): DataSource {
  let isWarned = false;
  return {
    ...source,
    load: async (part) => {
      const set = await source.load(part);
      if (!isWarned && set.images.length > 0 && !set.images.some((value) => value > darkest)) {
        isWarned = true;
        const largest = set.images.reduce((most, value) => Math.max(most, value), 0);
        diagnostics.warn(
          `${source.name}: images: no value is above ${largest} of 255, so the images are nearly black; store uint8 from 0 to 255, floats in [0,1], or booleans`,
        );
      }
      return set;
    },
  };
}
