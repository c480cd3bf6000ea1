/** What the files of src/ import of each other, and the order in which the folders may. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

/** Low to high: a folder imports from those before it only. A file that lies directly in src/ is a folder of its own here. */
export const folderOrder = [
  ...[
    'input-error',
    'environment-words',
    'diagnostics',
    'work-channel',
    'duration',
    'once',
    'files',
    'random',
    'formats',
    'statistics',
    'linear-algebra',
    'backend',
    'models',
    'readouts',
    'config',
    'runs',
    'data',
  ],
  ...['training', 'checkpoint', 'measures', 'fewshot', 'pipeline', 'on-request', 'sweep', 'report', 'watch'],
  ...['doctor', 'cli', 'index'],
];

const importPattern = /(?:\bfrom\s*|\bimport\s*\(\s*|^import\s+)'(\.{1,2}\/[^']+\.ts)'/gm;

/** Each file of src/, relative to it, with the files of src/ that it imports: types and imports when needed count too. */
export function importsOf(root) {
  const source = join(root, 'src');
  const files = readdirSync(source, { recursive: true })
    .filter((path) => path.endsWith('.ts'))
    .sort();
  return new Map(
    files.map((file) => {
      const path = join(source, file);
      const found = [...readFileSync(path, 'utf8').matchAll(importPattern)].map(([, to]) =>
        relative(source, resolve(dirname(path), to)),
      );
      return [file, [...new Set(found)].filter((to) => !to.startsWith('..')).sort()];
    }),
  );
}

/** The folder directly below src/ that a file is in. */
export const folderOf = (file) => file.split('/')[0].replace(/\.ts$/, '');

/** From folder to folder, the number of imports. */
export function folderImports(imports) {
  const counts = new Map();
  for (const [file, targets] of imports)
    for (const to of targets) {
      const from = folderOf(file);
      const target = folderOf(to);
      if (from === target) continue;
      const inner = counts.get(from) ?? new Map();
      counts.set(from, inner.set(target, (inner.get(target) ?? 0) + 1));
    }
  return counts;
}

/** Files that import each other round in a circle: each circle once, in the order of its imports. */
export function circlesOf(imports) {
  const circles = [];
  const state = new Map();
  const path = [];
  const visit = (file) => {
    state.set(file, 'open');
    path.push(file);
    for (const to of imports.get(file) ?? []) {
      if (state.get(to) === 'open') circles.push(path.slice(path.indexOf(to)));
      else if (!state.has(to)) visit(to);
    }
    path.pop();
    state.set(file, 'closed');
  };
  for (const file of imports.keys()) if (!state.has(file)) visit(file);
  return circles;
}

/**
 * The folders as a Mermaid graph, from high to low. An arrow that follows from others is left out: where a imports b and b imports c, an
 * import of c by a is no arrow.
 */
export function importGraph(root) {
  const counts = folderImports(importsOf(root));
  const targets = new Map([...counts].map(([from, inner]) => [from, [...inner.keys()]]));
  const reaches = (from, to, seen = new Set()) =>
    (targets.get(from) ?? []).some((next) => {
      if (next === to) return true;
      if (seen.has(next)) return false;
      seen.add(next);
      return reaches(next, to, seen);
    });
  const isShort = (from, to) =>
    !(targets.get(from) ?? []).some((between) => between !== to && reaches(between, to));
  const lines = [...folderOrder]
    .reverse()
    .flatMap((from) =>
      folderOrder
        .filter((to) => targets.get(from)?.includes(to) && isShort(from, to))
        .map((to) => `  ${from} --> ${to}`),
    );
  return ['```mermaid', 'graph TD', ...lines, '```'].join('\n');
}

const [start, end] = ['<!-- imports: npm run architecture -->', '<!-- end of imports -->'];

/** The document with the figure between its marks made anew. */
export function architectureText(root, document) {
  const [before, rest] = document.split(start);
  const [, after] = rest.split(end);
  return `${before}${start}\n\n${importGraph(root)}\n\n${end}${after}`;
}
