import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One value of an estimator at one setting, beside the exact value of the same examples. */
export interface Point {
  readonly study: string;
  readonly estimator: string;
  readonly amount: number;
  readonly repeat: number;
  readonly value: number;
  readonly exact: number;
  readonly relativeError: number;
}

/** The network that the estimators were tried on, and what with. */
export interface EstimatorProvenance {
  /** Sweep file, relative to experiments/, that asks for the run. */
  readonly config: string;
  /** Hash of the run's resolved config. */
  readonly run: string;
  readonly step: number;
  /** SHA-256 of the checkpoint's weights.safetensors; null where it was not kept. */
  readonly weights: string | null;
  readonly model: string;
  readonly dimension: number;
  /** ISO 8601; null where it was not kept. */
  readonly time: string | null;
  readonly commit: string | null;
}

export const resultFiles = (results: string) => ({
  points: join(results, 'estimators.csv'),
  provenance: join(results, 'estimators.json'),
  figure: join(results, 'estimators.svg'),
});

/** The points of estimators.csv in the folder `results`; names of estimators hold commas, and are quoted there. */
export function readPoints(results: string): readonly Point[] {
  const path = resultFiles(results).points;
  if (!existsSync(path)) return [];
  const [header, ...lines] = readFileSync(path, 'utf8').trim().split('\r\n');
  const keys = header!.split(',');
  return lines.map((line) => {
    const cells = [...line.matchAll(/"([^"]*)"|([^,]+)/g)].map(([, quoted, bare]) => quoted ?? bare!);
    const cell = (key: keyof Point): string => cells[keys.indexOf(key)]!;
    return {
      study: cell('study'),
      estimator: cell('estimator'),
      amount: Number(cell('amount')),
      repeat: Number(cell('repeat')),
      value: Number(cell('value')),
      exact: Number(cell('exact')),
      relativeError: Number(cell('relativeError')),
    };
  });
}

/** Null where the study has not been run. */
export function readProvenance(results: string): EstimatorProvenance | null {
  const path = resultFiles(results).provenance;
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as EstimatorProvenance) : null;
}
