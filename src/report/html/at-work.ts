import { durationText } from '../../duration.ts';
import type { Results } from '../aggregate.ts';
import { brief } from '../number-text.ts';
import { progressOf, type RunProgress } from '../run-progress.ts';
import { html, type Markup } from './markup.ts';
import { scrollingTable } from './table.ts';

/** The runs that are at work: how far each is, its loss so far, its rate and what is left; null where none is. */
export function atWork({ sweep }: Results): Markup | null {
  const running = sweep.runs.filter(({ state }) => state === 'running');
  if (running.length === 0) return null;
  const progress = running.map(progressOf);
  const pending = sweep.runs.filter(({ state }) => state === 'pending').length;
  return html`${scrollingTable(
    'work-caption',
    `${running.length} at work, ${pending} not started. Training time left, at the rate since the last checkpoint and without measuring`,
    [
      { head: 'run', cells: running.map(({ name }) => name) },
      {
        head: 'epoch',
        align: 'right',
        cells: progress.map(({ epoch, ofEpochs }) => `${epoch}/${ofEpochs ?? '?'}`),
      },
      { head: 'training loss', unit: 'nat', cells: progress.map(lossCurve) },
      {
        head: 'images/s',
        align: 'right',
        cells: progress.map(({ imagesPerSecond: rate }) => (rate === null ? '–' : brief(rate))),
      },
      {
        head: 'left',
        align: 'right',
        cells: progress.map(({ secondsLeft: left }) => (left === null ? '–' : durationText(left))),
      },
    ],
  )}`;
}

const [width, height] = [120, 24];

/** The loss of each epoch so far as a line, with its last value. */
function lossCurve({ losses }: RunProgress): Markup | string {
  const last = losses.at(-1);
  if (last === undefined) return '–';
  const [low, high] = [Math.min(...losses), Math.max(...losses)];
  const x = (at: number): number => (losses.length === 1 ? width : (at / (losses.length - 1)) * width);
  const y = (loss: number): number => (high === low ? height / 2 : ((high - loss) / (high - low)) * height);
  const points = losses.map((loss, at) => `${x(at).toFixed(1)},${y(loss).toFixed(1)}`).join(' ');
  const label = `training loss from ${brief(losses[0]!)} to ${brief(last)} nat over ${losses.length} epochs`;
  return html`<svg width="${width}" height="${height}" viewBox="-2 -2 ${width + 4} ${height + 4}" role="img" aria-label="${label}"><polyline points="${points}" fill="none" stroke="currentColor" stroke-width="1.5"/></svg> ${brief(last)}`;
}
