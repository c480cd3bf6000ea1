import { resolve } from 'node:path';
import { setupCommand } from '../../scripts/setup/setup-command.mjs';

/** What to type to set up again, with a flag where one is given: in a checkout npm's script, elsewhere gcnc's own command. */
export const setupRemedy = (flag = ''): string => setupCommand(resolve(import.meta.dirname, '../..'), flag);
