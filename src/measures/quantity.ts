/** A number, or the reason why there is none. */
export type Quantity = number | Undefined;

export interface Undefined {
  readonly undefinedBecause: string;
}

export const undefinedBecause = (reason: string): Undefined => ({ undefinedBecause: reason });
export const isDefined = (quantity: Quantity): quantity is number => typeof quantity === 'number';
