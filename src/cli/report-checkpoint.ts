import { join } from 'node:path';
import { changedDataNote } from '../on-request/changed-data.ts';
import { openCheckpoint, openCheckpointSet } from '../on-request/checkpoint-set.ts';
import { defaultRequest, measureOnRequest } from '../on-request/measure-on-request.ts';
import { warnOfSharedClasses } from '../on-request/shared-classes.ts';
import { checkOutputFiles } from './outputs.ts';
import { withProgress } from './progress.ts';

export interface CheckpointReportFlags {
  readonly data?: string;
  readonly split?: string;
  readonly estimator?: 'exact' | 'hutchinson';
  readonly examples?: number;
  readonly seed?: number;
  readonly out?: string;
  readonly json?: boolean;
}

/** `gcnc report CHECKPOINT`: measures with the defaults of `gcnc measure`, and writes one page. */
export async function reportCheckpoint(folder: string, flags: CheckpointReportFlags): Promise<void> {
  const { estimator = defaultRequest.estimator, seed = defaultRequest.seed, examples, json } = flags;
  const checkpoint = openCheckpoint(folder);
  const path = flags.out ?? join(checkpoint.folder, 'report.html');
  checkOutputFiles([{ option: '--out', path }]);
  const asked = await openCheckpointSet(checkpoint, flags, process.env, 'sourceTrain', true);
  const found = await withProgress({ stream: process.stderr }, () =>
    measureOnRequest(checkpoint, asked, {
      ...defaultRequest,
      estimator,
      seed,
      ...(examples === undefined ? {} : { examples }),
    }),
  );
  warnOfSharedClasses(asked);
  const { data, dataMatchesTraining } = asked;
  const { writeCheckpointReport } = await import('../report/checkpoint/write-checkpoint-report.ts');
  const note = changedDataNote(dataMatchesTraining, data);
  const { principalShares, most, least } = await writeCheckpointReport(path, found, asked, note);
  const plain = ({ thumbnail: _, ...image }: (typeof most)[number]) => image;
  const record = {
    report: path,
    ...found.record,
    principalShares,
    mostComplex: most.map(plain),
    leastComplex: least.map(plain),
  };
  const { measureText } = await import('./measure-text.ts');
  process.stdout.write(
    json ? `${JSON.stringify(record)}\n` : `${measureText(found.record)}${note}report: ${path}\n`,
  );
}
