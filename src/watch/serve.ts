import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { InputError } from '../input-error.ts';
import type { LiveReport } from './live-report.ts';
import { liveScript } from './live-script.ts';

export interface LiveServer {
  readonly url: string;
  /** Sends the report's summary to every open page. */
  readonly publish: (report: LiveReport) => void;
  /** One line that open pages show in place of the counts. */
  readonly problem: (text: string) => void;
  readonly close: () => Promise<void>;
}

/** Taken where no port is asked for and it is free: an address that stays the same can be kept open. */
const usualPort = 8765;
const host = '127.0.0.1';

const types = { svg: 'image/svg+xml', csv: 'text/csv', json: 'application/json' } as const;

/**
 * Serves the report on 127.0.0.1 and nowhere else. Requests under another name are refused, for a page of another site that
 * points its own name at this address (DNS rebinding) is one; other sites may neither read nor embed what is here.
 */
export async function serveLive(first: LiveReport, port: number | null): Promise<LiveServer> {
  let report = first;
  const listeners = new Set<ServerResponse>();
  const server = createServer((request, response) => {
    answer(request, response, { report, listeners, port: portOf(server) });
  });
  await listen(server, port ?? usualPort).catch((error: NodeJS.ErrnoException) => {
    if (port === null && error.code === 'EADDRINUSE') return listen(server, 0);
    throw error.code === 'EADDRINUSE' || error.code === 'EACCES'
      ? new InputError(
          `--port ${port}: ${error.code === 'EACCES' ? 'not permitted' : 'in use'}; give another, or 0 for any`,
        )
      : error;
  });
  const send = (text: string): void => {
    for (const listener of listeners) listener.write(text);
  };
  // Proxies and browsers drop a silent connection.
  const pulse = setInterval(() => send(': still here\n\n'), 15_000);
  return {
    url: `http://${host}:${portOf(server)}/`,
    publish(next) {
      report = next;
      send(summaryEvent(next));
    },
    problem: (text) => send(`event: problem\ndata: ${JSON.stringify(text)}\n\n`),
    close: () =>
      new Promise((resolve) => {
        clearInterval(pulse);
        for (const listener of listeners) listener.end();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

interface State {
  readonly report: LiveReport;
  readonly listeners: Set<ServerResponse>;
  readonly port: number;
}

interface Page {
  readonly status: number;
  readonly type: string;
  readonly text: string;
  readonly policy?: string;
}

function answer(request: IncomingMessage, response: ServerResponse, state: State): void {
  const { report, listeners } = state;
  const refusal = refusalOf(request, state.port);
  const path = (request.url ?? '/').split('?')[0]!;
  if (refusal === null && path === '/events') {
    response.writeHead(200, { ...guards, 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    response.write(`retry: 2000\n\n${summaryEvent(report)}`);
    listeners.add(response);
    response.on('close', () => listeners.delete(response));
    return;
  }
  const { status, type, text, policy = "default-src 'none'" } = refusal ?? pageAt(path, report);
  const headers = {
    ...guards,
    'content-security-policy': policy,
    'content-type': `${type}; charset=utf-8`,
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
  };
  response.writeHead(status, headers).end(request.method === 'HEAD' ? '' : text);
}

function refusalOf({ headers, method }: IncomingMessage, port: number): Page | null {
  const names = [host, 'localhost'].map((name) => `${name}:${port}`);
  const refused = (status: number, text: string): Page => ({ status, type: 'text/plain', text: `${text}\n` });
  if (!names.includes(headers.host ?? '')) return refused(403, 'wrong Host');
  return method === 'GET' || method === 'HEAD' ? null : refused(405, 'GET only');
}

function pageAt(path: string, report: LiveReport): Page {
  if (path === '/') {
    const script = liveScript(report.summary.parts);
    return { status: 200, type: 'text/html', text: report.page(script), policy: contentPolicy(script) };
  }
  const part = /^\/parts\/([a-z]+)$/.exec(path)?.[1];
  const html = part === undefined ? undefined : report.part(part);
  if (html !== undefined) return { status: 200, type: 'text/html', text: html };
  const name = /^\/figures\/([\w.-]+)$/.exec(path)?.[1];
  const file = name === undefined ? undefined : report.file(name);
  if (file === undefined) return { status: 404, type: 'text/plain', text: 'not here\n' };
  return { status: 200, type: types[name!.split('.').at(-1) as keyof typeof types], text: file };
}

const guards = {
  'x-content-type-options': 'nosniff',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
} as const;

/** Nothing from outside, and no script but this one. */
function contentPolicy(script: string): string {
  const digest = createHash('sha256').update(script).digest('base64');
  const own = `script-src 'sha256-${digest}'; style-src 'unsafe-inline'; connect-src 'self'; img-src data:`;
  return `default-src 'none'; ${own}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;
}

const summaryEvent = ({ summary }: LiveReport): string => `data: ${JSON.stringify(summary)}\n\n`;

const portOf = (server: Server): number => (server.address() as AddressInfo).port;

const listen = (server: Server, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
