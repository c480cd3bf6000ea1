/** One thing that was checked. */
export interface Finding {
  readonly name: string;
  readonly found: string;
  readonly isWell: boolean;
}

export interface SpeedRow {
  readonly task: string;
  readonly precision: string;
  /** Images, or probes, per second. */
  readonly gcnc: number | null;
  readonly pytorch: number | null;
  readonly pytorchForm: string | null;
}

export interface CheckReport {
  readonly date: string;
  readonly device: string;
  readonly seconds: number;
  readonly sections: readonly { readonly title: string; readonly findings: readonly Finding[] }[];
  readonly speed: { readonly rows: readonly SpeedRow[]; readonly note: string | null };
}

const number = (value: number | null): string => (value === null ? '–' : value.toFixed(0));
const ratio = ({ gcnc, pytorch }: SpeedRow): string =>
  gcnc === null || pytorch === null ? '–' : (gcnc / pytorch).toFixed(2);

/** The report as Markdown: what is not well first. */
export const reportText = ({ date, device, seconds, sections, speed }: CheckReport): string => {
  const findings = sections.flatMap((section) => section.findings);
  const wrong = findings.filter(({ isWell }) => !isWell);
  const table = (rows: readonly Finding[]): string[] => [
    '| What | Found | |',
    '| --- | --- | --- |',
    ...rows.map(({ name, found, isWell }) => `| ${name} | ${found} | ${isWell ? 'well' : '**not well**'} |`),
    '',
  ];
  return `${[
    `# gpu-check on ${device}`,
    '',
    `${date}, ${seconds} s: ${findings.length - wrong.length} of ${findings.length} checks are well.`,
    '',
    ...(wrong.length > 0 ? ['## Not well', '', ...table(wrong)] : []),
    ...sections.flatMap(({ title, findings: rows }) => [`## ${title}`, '', ...table(rows)]),
    '## Speed',
    '',
    ...(speed.note === null ? [] : [speed.note, '']),
    '| Task | Precision | gcnc, images/s | PyTorch, images/s | PyTorch as | Ratio |',
    '| --- | --- | --- | --- | --- | --- |',
    ...speed.rows.map(
      (row) =>
        `| ${row.task} | ${row.precision} | ${number(row.gcnc)} | ${number(row.pytorch)} | ${row.pytorchForm ?? '–'} | ${ratio(row)} |`,
    ),
  ].join('\n')}\n`;
};
