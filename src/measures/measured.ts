/** What a measure comes to: a number, or the reason why there is none. */
export type Measured = number | Undefined;

export interface Undefined {
  readonly undefinedBecause: string;
}

export const undefinedBecause = (reason: string): Undefined => ({ undefinedBecause: reason });
export const isDefined = (measured: Measured): measured is number => typeof measured === 'number';
