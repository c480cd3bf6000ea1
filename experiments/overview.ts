import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Claim, correlationOf, logistic, verdictOf } from './claims.ts';
import { settingsOf } from './equal-loss.ts';
import { type Study, studyPaths } from './studies.ts';
import { markdownTable } from './tables.ts';
import type { CheckpointValues } from './values.ts';

type Rows = readonly CheckpointValues[];

const links = ({ reported, transfer }: Study): readonly (Claim | null)[] => [
  ...['sourceGc', 'sourceGeometricCollapse', 'sourceCdnv'].map((to) =>
    reported === null ? null : { from: 'parameter', to, sign: reported },
  ),
  transfer ? { from: 'sourceGc', to: 'targetCdnv', sign: 1 } : null,
  transfer ? { from: 'targetCdnv', to: logistic, sign: -1 } : null,
  transfer ? { from: 'sourceGc', to: logistic, sign: -1 } : null,
];

/** One row per study: n configurations, and whether each link came out as reported, at equal epochs / at equal training loss. */
export function overviewTable(
  studies: readonly { readonly study: Study; readonly rows: Rows; readonly planned: number }[],
): string {
  const cell = (study: Study, rows: Rows, claim: Claim | null): string => {
    if (claim === null) return '-';
    const verdicts = settingsOf(study, rows).map((setting) =>
      verdictOf(correlationOf(setting.rows, claim), claim.sign),
    );
    return new Set(verdicts).size === 1 ? verdicts[0]! : verdicts.join(' / ');
  };
  return markdownTable(
    [
      'study',
      'of',
      'runs',
      'n',
      'key to GC',
      'key to geometric collapse',
      'key to source CDNV',
      'GC to target CDNV',
      'target CDNV to 5-shot',
      'GC to 5-shot',
    ],
    studies.map(({ study, rows, planned }) => [
      rows.length > 0 || existsSync(join(import.meta.dirname, studyPaths(study).readme))
        ? `[${study.id}](${studyPaths(study).readme})`
        : study.id,
      study.title,
      rows.length === 0 ? 'not run' : `${new Set(rows.map(({ hash }) => hash)).size} of ${planned}`,
      rows.length === 0 || study.key === 'seed'
        ? '-'
        : String(new Set(rows.map(({ parameter }) => parameter)).size),
      ...links(study).map((claim) => (rows.length === 0 ? '-' : cell(study, rows, claim))),
    ]),
  );
}
