import { allowedText, jsonSchema, type SchemaNode } from './schema-node.ts';

const introduction = `# Sweep files

Written by \`gcnc schema --markdown\` from src/config/schema.ts. \`gcnc schema\` prints the same as JSON Schema for editors,
\`gcnc config FILE\` a file's resolved values and where each came from.

A file holds a run's keys (\`seed\`, \`data\`, \`model\`, \`training\`, \`measure\`, \`fewshot\`) and how they vary (\`sweep\`). What has
no default is off where absent, or required within its mapping. An unknown key is an error. Relative paths are taken
from the folder that the command runs in, but for \`extends\`, which is relative to the file.

- \`extends\`: the other file's keys come first, the file's own on top, mapping by mapping; lists are replaced. \`name\` is not
  inherited. \`training.checkpointEvery\` and the distributions of \`sweep.random.keys\` are replaced whole.
- \`key=value\` on the command line comes last: \`training.learningRate=0.1\`, \`sweep.seeds=[0,1]\`,
  \`sweep.grid.training.learningRate=[0.01,0.1]\`. Values are YAML 1.2. A mapping is merged as by \`extends\`, and as in Hydra: \`data={perClass: 50}\` keeps the rest of \`data\`.
- \`sweep\`: \`grid\`, \`zip\`, \`list\` and \`random\` multiply with each other and with \`seeds\`; \`exclude\` removes the runs that match all
  keys of an entry. Keys are dotted there (\`training.learningRate: [0.01, 0.1]\`); a key that is given a mapping has what the
  mapping leaves out at its default. A larger \`n\` only adds draws.
- \`sweep.random\` draws no combination twice. An \`n\` above the number of combinations is refused.
- A value other than the default is refused where the key changes nothing in any run, such as \`fewshot.k\` without the readout \`knn\`.
  Two runs that differ only in such a key are refused. \`sweep.exclude\` leaves one of them out.
- With \`training.epochs: 0\` the other keys of training may stay, though they do nothing: one override then measures the untrained network. Two such
  runs that differ only in these keys are refused.
- A run's identity is a hash of the values that differ from the defaults of format 1 (src/config/format-1.ts). \`name\`, \`extends\`,
  \`sweep\`, \`slurm\` and \`format\` are not part of it. A key that a later version adds changes no hash while it has its default.
`;

/** docs/config.md: all keys of a sweep file, with what is allowed, the default and what it means. */
export function configReference(): string {
  const sections = Object.entries(jsonSchema().properties ?? {}).map(
    ([key, node]) =>
      `## ${key}\n\n${tableOf([['Key', 'Allowed', 'Default', 'Meaning'], ...rowsOf(key, node)])}\n`,
  );
  return `${introduction}\n${sections.join('\n')}`;
}

function rowsOf(key: string, node: SchemaNode, isRequired = false): readonly (readonly string[])[] {
  if (node.properties)
    return Object.entries(node.properties).flatMap(([name, each]) =>
      rowsOf(`${key}.${name}`, each, node.required?.includes(name)),
    );
  const normal =
    node.default === undefined ? (isRequired ? 'required' : '') : `\`${JSON.stringify(node.default)}\``;
  return [[`\`${key}\``, allowed(node), normal, node.description ?? '']];
}

/** Mappings of free keys: what a key may be given. */
const allowed = (node: SchemaNode): string => {
  const { additionalProperties: each } = node;
  return typeof each === 'object' ? `key: ${allowedText(each)}` : allowedText(node);
};

/** A Markdown table with its columns aligned, the first row as its head. */
function tableOf(rows: readonly (readonly string[])[]): string {
  const cells = rows.map((row) => row.map((cell) => cell.replaceAll('|', '\\|')));
  const widths = cells[0]!.map((_, column) => Math.max(...cells.map((row) => row[column]!.length)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`;
  const [head, ...body] = cells.map(line);
  return [head, line(widths.map((width) => '-'.repeat(width))), ...body].join('\n');
}
