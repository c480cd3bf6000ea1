/** node --import tsx bench/speed-table.ts: writes the tables of bench/speed*.json into docs/speed.md, each between its markers. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const root = join(import.meta.dirname, '..');

const recordSchema = z.object({
  date: z.string(),
  cpu: z.string(),
  cores: z.number(),
  load: z.number().optional(),
  instructions: z.string().optional(),
  busyProcesses: z.number().optional(),
  rounds: z.number(),
  /** Absent in records of before: of an even number of rounds they kept the larger of the two in the middle. */
  evenRounds: z.literal('averaged').optional(),
  results: z.array(
    z.object({
      task: z.string(),
      model: z.string(),
      width: z.number(),
      batch: z.number(),
      precision: z.string(),
      gcnc: z.number(),
      pytorch: z.number().nullable(),
      pytorchForm: z.string(),
      ratio: z.number().nullable(),
      ratioToTfjsLayers: z.number().optional(),
      ratioToPytorchFloat32: z.number().optional(),
      peakMegabytes: z.number(),
      pytorchPeakMegabytes: z.number().nullable(),
    }),
  ),
});

type SpeedRecord = z.infer<typeof recordSchema>;

/** What stands between the markers of a record, whose file the first one names. */
const places = /(<!-- speed: written from (bench\/[\w.-]+\.json) -->)[\s\S]*?(<!-- \/speed -->)/g;

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

/** What a figure of the record is of its rounds. */
export const summaryOf = ({ rounds, evenRounds }: Pick<SpeedRecord, 'rounds' | 'evenRounds'>): string => {
  if (rounds === 1) return 'one round';
  if (rounds % 2 === 1 || evenRounds === 'averaged') return `median of ${rounds} rounds`;
  return rounds === 2
    ? 'the better of two rounds for each figure'
    : `the better of the two middle rounds of ${rounds}`;
};

/** A record's table. */
const speedTable = (path: string): string => {
  const { date, cpu, cores, instructions, busyProcesses, results, ...asked } = recordSchema.parse(
    JSON.parse(readFileSync(join(root, path), 'utf8')),
  );
  const kept = instructions === undefined ? '' : `, both sides kept to ${instructions}`;
  const beside = busyProcesses === undefined ? '' : `, beside ${busyProcesses} other process at full load`;
  const columns = ['', 'gcnc', "PyTorch's best", 'ratio', 'peak memory (MB)', 'further ratios'];
  const lines = results.map((each) => {
    const further = [
      ...(each.ratioToTfjsLayers === undefined ? [] : [`${each.ratioToTfjsLayers} to tfjs-layers`]),
      ...(each.ratioToPytorchFloat32 === undefined
        ? []
        : [`${each.ratioToPytorchFloat32} to PyTorch's float32`]),
    ];
    return row([
      `${each.task} ${each.model} width ${each.width} batch ${each.batch} ${each.precision}`,
      String(each.gcnc),
      each.pytorch === null ? '-' : `${each.pytorch} (${each.pytorchForm})`,
      String(each.ratio ?? '-'),
      `${Math.round(each.peakMegabytes)} against ${each.pytorchPeakMegabytes === null ? '-' : Math.round(each.pytorchPeakMegabytes)}`,
      further.join(', '),
    ]);
  });
  return [
    `${date}, ${cpu}, ${cores} cores${kept}${beside}, ${summaryOf(asked)}; images per second, rows of the Jacobian per second for exact.`,
    '',
    row(columns),
    row(columns.map(() => '---')),
    ...lines,
  ].join('\n');
};

/** The document with each record's table between its markers. @throws Error where it has none. */
export const withSpeedTables = (document: string): string => {
  if (document.search(places) < 0) throw new Error('docs/speed.md has no markers for a table');
  return document.replace(
    places,
    (_, start: string, path: string, end: string) => `${start}

${speedTable(path)}

${end}`,
  );
};

export const speedDocument = join(root, 'docs/speed.md');

if (process.argv[1] === fileURLToPath(import.meta.url))
  writeFileSync(speedDocument, withSpeedTables(readFileSync(speedDocument, 'utf8')));
