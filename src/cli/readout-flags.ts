import { InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';
import { allowedText, type SchemaNode } from '../config/schema-node.ts';
import {
  defaultReadoutOptions,
  type ReadoutOptionName,
  readoutOptionNames,
  readoutOptionSchemas,
} from '../readouts/readout-options.ts';

/** The options of readouts as options of a command, such as `--C` and `--alpha`. */
export const readoutFlags = (): Option[] =>
  readoutOptionNames.map((name) => {
    const { description = '' } = readoutOptionSchemas[name];
    return new Option(`--${name} <value>`, description)
      .default(defaultReadoutOptions[name])
      .argParser((text) => parsed(name, text));
  });

function parsed(name: ReadoutOptionName, text: string): number | string {
  const schema = readoutOptionSchemas[name];
  const isNumber = text.trim() !== '' && !Number.isNaN(Number(text));
  const found = schema.safeParse(isNumber ? Number(text) : text);
  if (found.success) return found.data;
  throw new InvalidArgumentError(`allowed is ${allowedText(z.toJSONSchema(schema) as SchemaNode)}`);
}
