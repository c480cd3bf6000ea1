import { liveReport } from './live-report.ts';
import { serveLive } from './serve.ts';

/** Folders are looked at again after this long, or after so many times what the last look took: a large sweep takes no more. */
const pauseMs = 1000;
const restFactor = 3;

export interface WatchedSweep {
  readonly url: string;
  readonly close: () => Promise<void>;
}

/**
 * Serves the sweep's report and keeps it up to date until `close`. The folders are asked for their files' times rather than
 * watched, which works on network file systems too. Throws InputError where the folder is no sweep's.
 */
export async function watchSweep(folder: string, port: number | null): Promise<WatchedSweep> {
  const look = liveReport(folder);
  const first = await look();
  const server = await serveLive(first!, port);
  let timer: NodeJS.Timeout | null = null;
  let closed = false;
  let problem: string | null = null;
  async function again(): Promise<void> {
    const start = performance.now();
    try {
      const report = await look();
      if (report !== null && !closed) server.publish(report);
      problem = null;
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      if (text !== problem) server.problem(text);
      problem = text;
    }
    const took = performance.now() - start;
    if (!closed) timer = setTimeout(again, Math.max(pauseMs, restFactor * took));
  }
  timer = setTimeout(again, pauseMs);
  return {
    url: server.url,
    async close() {
      closed = true;
      if (timer !== null) clearTimeout(timer);
      await server.close();
    },
  };
}
