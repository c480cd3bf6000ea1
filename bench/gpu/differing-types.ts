import { allowances, compared } from './compare.ts';
import { readTrace } from './op-trace.ts';
import type { Finding } from './report.ts';
import { resultCount } from './reserves.ts';

const bfloat16 = 14;

/** One finding per op and precision: the call whose results are furthest apart, of those that a trace holds and another device made again. */
export const differingTypes = (trace: string, replayed: readonly (readonly number[][])[]): Finding[] => {
  const worst = new Map<string, { difference: number; allowed: number; calls: number }>();
  for (const [i, call] of readTrace(trace).entries()) {
    const { op, inputs, outputs } = call;
    const isNarrow = [...inputs, ...outputs].some(({ dtype }) => dtype === bfloat16);
    const precision = isNarrow ? 'bfloat16' : 'float32';
    const name = `${op} ${precision}`;
    const { op: allowed } = allowances[precision];
    const before = worst.get(name) ?? { difference: 0, allowed, calls: 0 };
    const differences = outputs
      .slice(0, resultCount(call))
      .map(({ values }, output) => compared(name, values, replayed[i]?.[output] ?? [], allowed).difference);
    worst.set(name, {
      difference: Math.max(before.difference, ...differences),
      allowed,
      calls: before.calls + 1,
    });
  }
  return [...worst].sort().map(([name, { difference, allowed, calls }]) => ({
    name,
    found: `${difference.toExponential(1)} apart at most in ${calls} calls, allowed ${allowed}`,
    isWell: difference <= allowed,
  }));
};
