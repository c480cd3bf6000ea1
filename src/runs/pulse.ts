import { Worker } from 'node:worker_threads';

/** In a thread of its own, without TensorFlow: a long calculation stops the main thread's timers, not this one's. */
const body = `
const { writeFileSync } = require('node:fs');
const { path, intervalMs } = require('node:worker_threads').workerData;
setInterval(() => {
  try {
    // r+: a lock that was taken over and deleted is not made again.
    writeFileSync(path, String(Date.now()), { flag: 'r+' });
  } catch {}
}, intervalMs);
`;

/** Keeps a heartbeat's file fresh as long as this process is not stopped, whatever it calculates. Returns its end. */
export function startPulse(path: string, intervalMs: number): () => void {
  const worker = new Worker(body, { eval: true, execArgv: [], workerData: { path, intervalMs } });
  // Without threads left the main thread's own heartbeat must do.
  worker.on('error', () => {});
  worker.unref();
  return () => void worker.terminate();
}
