import type { Display, DisplayOptions } from './display.ts';
import { openPlainDisplay } from './plain-display.ts';
import { openTerminalDisplay } from './terminal-display.ts';

/** Lines rewritten in place on a terminal, plain lines elsewhere. */
export const openDisplay = (options: DisplayOptions): Display =>
  options.stream.isTTY ? openTerminalDisplay(options) : openPlainDisplay(options);
