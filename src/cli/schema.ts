import { Command } from 'commander';
import { editorSchema } from '../config/editor-schema.ts';

/** `gcnc schema`: what a sweep file may hold. */
export const schemaCommand = (): Command =>
  new Command('schema')
    .description('JSON Schema of sweep files, for editors; --markdown for people')
    .option('--markdown', 'the reference of all keys, as docs/config.md')
    .action(async ({ markdown }: { markdown?: boolean }) => {
      const text = markdown
        ? (await import('../config/reference.ts')).configReference()
        : `${JSON.stringify(editorSchema(), null, 2)}\n`;
      process.stdout.write(text);
    });
