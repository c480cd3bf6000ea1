import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, test } from 'node:test';
import { outputOf } from '../cli/in-process.ts';

const root = resolve(import.meta.dirname, '../..');
const read = (page: string): string => readFileSync(join(root, page), 'utf8');
const docs = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'));
const pages = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...docs.map((name) => `docs/${name}`)];
const configs = readdirSync(join(root, 'configs')).map((name) => `configs/${name}`);

/** Command lines in code with the comments beside them: indented lines, those of a config's header, and what stands between backticks. */
const quoted = (text: string): readonly string[] =>
  [...text.matchAll(/^(?: {4}|#).*$|`[^`\n]+`/gm)].map(([code]) => code.replaceAll('`', '').trim());

const scripts: Record<string, string> = JSON.parse(read('package.json')).scripts;
const help = new Map<string, string>();
const helpOf = async (command: string): Promise<string> => {
  // The one command with commands of its own.
  const inner = command === 'data' ? await outputOf(['data', 'fetch', '--help']) : '';
  const found = help.get(command) ?? (await outputOf([command, '--help'])) + inner;
  help.set(command, found);
  return found;
};

for (const page of [...pages, ...configs])
  describe(page, () => {
    const lines = quoted(read(page));

    test('quotes commands and options that exist', async () => {
      const listed = await outputOf(['--help']);
      for (const line of lines)
        for (const [, command, rest] of line.matchAll(/(?:^|[ /])gcnc ([a-z]+)\b([^|;]*)/g)) {
          assert.match(listed, new RegExp(`^ {2}${command} `, 'm'), `${line}: no command ${command}`);
          for (const [option] of rest!.matchAll(/(?<=\s)--[a-zA-Z][\w-]*/g))
            assert.match(await helpOf(command!), new RegExp(`${option}\\b`), `${line}: no option ${option}`);
        }
    });

    test('quotes scripts of package.json that exist', () => {
      for (const line of lines)
        for (const [, name] of line.matchAll(/\bnpm run ([a-z-]+)/g)) assert.ok(name! in scripts, line);
    });
  });

for (const page of pages)
  test(`${page} links to files that exist, and names source files that exist`, () => {
    const text = read(page);
    for (const [, path] of text.matchAll(/\]\((?!https?:)([^)#\s]+)/g))
      assert.ok(existsSync(join(root, dirname(page), path!)), `link to ${path}`);
    for (const [, path] of text.matchAll(/`((?:src|test|scripts|bench|configs|experiments)\/[\w./-]+)`/g))
      assert.ok(existsSync(join(root, path!)), `${path} is named`);
  });
