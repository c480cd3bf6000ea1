import { markdownTable } from '../tables.ts';
import { knobLabel, knobOf, regimeOf } from './regimes.ts';
import { failedRuns, finishedHashes, type StudyRuns } from './study-runs.ts';

/** A block of PLAN.md's order: all knobs of its regimes, or those named. */
interface Block {
  readonly order: number;
  readonly title: string;
  readonly regimes: readonly string[];
  readonly knobs?: readonly string[];
}

export const blocks: readonly Block[] = [
  {
    order: 1,
    title: '(a) learning rate, batch size',
    regimes: ['a'],
    knobs: ['learning-rate', 'batch-size'],
  },
  { order: 2, title: '(b) learning rate', regimes: ['b'], knobs: ['learning-rate'] },
  {
    order: 3,
    title: '(a) L2, momentum, L2 as published',
    regimes: ['a'],
    knobs: ['l2', 'momentum', 'l2-published'],
  },
  { order: 4, title: "(b') schedule by L2", regimes: ["b'"] },
  { order: 5, title: '(b) batch size, L2', regimes: ['b'], knobs: ['batch-size', 'l2'] },
  { order: 6, title: '(c)', regimes: ['c'] },
  { order: 7, title: "(d), (d')", regimes: ['d', "d'"] },
  { order: 8, title: '(a) penalty', regimes: ['a'], knobs: ['penalty'] },
  { order: 9, title: '(e)', regimes: ['e'] },
];

const isIn =
  ({ regimes, knobs }: Block) =>
  ({ study }: StudyRuns): boolean =>
    regimes.includes(regimeOf(study)?.id ?? '') && (knobs?.includes(knobOf(study)) ?? true);

/** How far a block has come. A run that an earlier block asks for too is counted there. */
export interface Progress {
  readonly title: string;
  readonly planned: number;
  readonly done: number;
  readonly failed: number;
}

/** The blocks in PLAN.md's order; sweeps that it has no block for come last. */
export function progressOf(studies: readonly StudyRuns[]): readonly Progress[] {
  const finished = finishedHashes(studies);
  const failed = new Set(failedRuns(studies).map(({ hash }) => hash));
  const counted = new Set<string>();
  const others = studies.filter((each) => !blocks.some((block) => isIn(block)(each)));
  const parts = [
    ...blocks.map((block) => ({
      title: `${block.order}. ${block.title}`,
      own: studies.filter(isIn(block)),
    })),
    ...others.map((each) => ({ title: `not in the plan: ${each.study.title}`, own: [each] })),
  ];
  return parts.map(({ title, own }) => {
    const hashes = new Set(
      own.flatMap(({ planned }) => [...planned.keys()]).filter((hash) => !counted.has(hash)),
    );
    for (const hash of hashes) counted.add(hash);
    const count = (some: ReadonlySet<string>): number => [...hashes].filter((hash) => some.has(hash)).length;
    return { title, planned: hashes.size, done: count(finished), failed: count(failed) };
  });
}

function stateOf({ planned, done, failed }: Progress): string {
  if (planned === 0) return 'not run: no config';
  if (done + failed === 0) return 'not run';
  return done + failed === planned ? 'ended' : 'under way';
}

/** Whether every run that some sweeps ask for has ended, well or badly. */
export const hasEnded = (studies: readonly StudyRuns[]): boolean => {
  const ended = new Set([...finishedHashes(studies), ...failedRuns(studies).map(({ hash }) => hash)]);
  return studies.every(({ planned }) => [...planned.keys()].every((hash) => ended.has(hash)));
};

/** Runs done of planned in each block, and the failed ones by name. */
export function progressText(studies: readonly StudyRuns[]): string {
  const progress = progressOf(studies);
  const total = (read: (each: Progress) => number): number =>
    progress.reduce((sum, each) => sum + read(each), 0);
  const sum: Progress = {
    title: 'all',
    planned: total(({ planned }) => planned),
    done: total(({ done }) => done),
    failed: total(({ failed }) => failed),
  };
  const table = markdownTable(
    ['block', 'runs done', 'of planned', 'failed', 'state'],
    [...progress, sum].map((each) => [
      each.title,
      String(each.done),
      String(each.planned),
      String(each.failed),
      stateOf(each),
    ]),
  );
  const named = failedRuns(studies).map(({ hash, name, reason }) => {
    const { study } = studies.find(({ planned }) => planned.has(hash)) ?? {};
    const where =
      study === undefined ? '' : `, of the ${knobLabel(study)} in regime (${regimeOf(study)?.id})`;
    return `- \`${name}\`${where}: ${reason ?? 'no reason was kept'}`;
  });
  return [
    'A run that two blocks share counts in the first.',
    table,
    ...(named.length === 0
      ? []
      : [`Failed runs, whose configurations are in no test:\n\n${named.join('\n')}`]),
  ].join('\n\n');
}
