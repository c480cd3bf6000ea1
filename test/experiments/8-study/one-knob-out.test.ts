import assert from 'node:assert/strict';
import { test } from 'node:test';
import { oneKnobOutText } from '../../../experiments/8-study/one-knob-out.ts';
import { logistic } from '../../../experiments/claims.ts';
import { cellsOf, madeStudy, pointsOf, regimeRuns } from './synthetic-study.ts';

/** Six configurations of one knob: GC and target CDNV rise together, or one falls where the other rises. */
const knob = (name: string, sign: 1 | -1) => {
  const points = pointsOf(
    [1, 2, 3, 4, 5, 6].map((n) => ({ sourceGc: n, targetCdnv: sign * n, [logistic]: -n })),
    name,
  );
  const made = madeStudy(`plain-${name}`, points);
  return { ...made, study: { ...made.study, title: `regime (a): ${name}` } };
};

test('a link that one knob makes is gone without it, and the other knobs change nothing', () => {
  const text = oneKnobOutText([regimeRuns('a', [knob('one', 1), knob('two', 1), knob('three', -1)])]);
  const [head, , ...rows] = cellsOf(text);
  const shown = (name: string): string =>
    rows.find(([left, which]) => left === name && which === 'all')![
      head!.indexOf('source GC → target CDNV')
    ]!;
  assert.match(shown('three'), /^\+1\.00 .*, n = 12: consistent$/);
  assert.match(shown('none'), /, n = 18: undecided$/);
  assert.match(shown('one'), /, n = 12: undecided$/);
});

test('a regime of two knobs has no such table', () => {
  assert.match(oneKnobOutText([regimeRuns('a', [knob('one', 1), knob('two', 1)])]), /Fewer than three knobs/);
});
