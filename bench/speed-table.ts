/** node --import tsx bench/speed-table.ts: writes the table of bench/speed.json into docs/speed.md, between its markers. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const root = join(import.meta.dirname, '..');

const recordSchema = z.object({
  date: z.string(),
  cpu: z.string(),
  cores: z.number(),
  rounds: z.number(),
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

const start = '<!-- speed: written from bench/speed.json -->';
const end = '<!-- /speed -->';

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

/** The document's table, made of bench/speed.json. */
export const speedTable = (): string => {
  const { date, cpu, cores, rounds, results } = recordSchema.parse(
    JSON.parse(readFileSync(join(root, 'bench/speed.json'), 'utf8')),
  );
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
    `${date}, ${cpu}, ${cores} cores, median of ${rounds} rounds; images per second, rows of the Jacobian per second for exact.`,
    '',
    row(columns),
    row(columns.map(() => '---')),
    ...lines,
  ].join('\n');
};

/** The document with that table between its markers. */
export const withSpeedTable = (document: string): string => {
  const [from, to] = [document.indexOf(start), document.indexOf(end)];
  if (from < 0 || to < from) throw new Error('docs/speed.md has no markers for the table');
  return `${document.slice(0, from + start.length)}\n\n${speedTable()}\n\n${document.slice(to)}`;
};

export const speedDocument = join(root, 'docs/speed.md');

if (process.argv[1] === fileURLToPath(import.meta.url))
  writeFileSync(speedDocument, withSpeedTable(readFileSync(speedDocument, 'utf8')));
