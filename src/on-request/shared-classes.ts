import { diagnostics } from '../diagnostics.ts';

/** What is known of a set and the classes that a network was trained on. */
export interface SetOfClasses {
  readonly data: string;
  readonly split: string;
  /** Why results on these classes do not show transfer, in words; null where they may, and for the source's own splits. */
  readonly noTransfer: string | null;
}

/** That the network was trained on some of the classes; null for none. Names alone do not tell whether classes of other data are the same. */
export const sharedText = (shared: readonly string[], classes: number, isOwn: boolean): string | null => {
  if (shared.length === 0) return null;
  const some = `${shared.slice(0, 3).join(', ')}${shared.length > 3 ? ', ...' : ''}`;
  const count = `${shared.length} of ${classes} classes (${some})`;
  return isOwn
    ? `the network was trained on ${count}`
    : `${count} are called like classes that the network was trained on`;
};

/** That classes without names, the network's or the set's, are matched by their numbers alone; null where they are not matched. */
export const matchedByNumberText = (isMatched: boolean): string | null =>
  isMatched
    ? "classes without names are matched to the network's by number, and may be those that it was trained on"
    : null;

/** Says so on standard error; after the work, so that a refusal is one line. */
export const warnOfSharedClasses = ({ data, split, noTransfer }: SetOfClasses): void => {
  if (noTransfer !== null) diagnostics.warn(`${data}, ${split}: ${noTransfer}; results do not show transfer`);
};
