import { measureRows } from '../src/measures/measure-rows.ts';

const start = '<!-- made from the rows of src/measures by: npm run measures-table -->\n';
const end = '<!-- end of the table -->';

/** The table of all measures in Markdown, made from their rows. */
const measuresTable = (): string => {
  const cell = (text: string): string => text.replaceAll('|', '\\|');
  const changes = (invariant: Readonly<Record<'scale' | 'rotation' | 'shift', boolean>>): string =>
    (['scale', 'rotation', 'shift'] as const).filter((what) => invariant[what]).join(', ') || 'none';
  const lines = measureRows.map(({ key, label, meaning, unit, source, invariant }) =>
    [`\`${key}\``, label, cell(meaning), unit ?? '–', changes(invariant), cell(source)].join(' | '),
  );
  const costs = measureRows.map(({ key, needs, ofTransfer }) =>
    [`\`${key}\``, cell(needs), cell(ofTransfer)].join(' | '),
  );
  return [
    '| Key | Label | Formula or meaning | Unit | Unchanged by | Source |',
    '| --- | --- | --- | --- | --- | --- |',
    ...lines.map((line) => `| ${line} |`),
    '',
    'What each takes beside the forward pass, and what it can and cannot say of transfer:',
    '',
    '| Key | Cost | Of transfer |',
    '| --- | --- | --- |',
    ...costs.map((line) => `| ${line} |`),
    '',
  ].join('\n');
};

/** A document with its table of measures made anew. Throws RangeError for a document without the marks. */
export const withMeasuresTable = (document: string): string => {
  const from = document.indexOf(start);
  const to = document.indexOf(end);
  if (from < 0 || to < from) throw new RangeError('the document has no marks around a table of measures');
  return `${document.slice(0, from)}${start}\n${measuresTable()}\n${document.slice(to)}`;
};
