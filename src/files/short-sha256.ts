import { createHash } from 'node:crypto';

/** The first 12 hex digits of a SHA-256: a name for contents, not a proof of them. */
export const shortSha256 = (content: string | Uint8Array): string =>
  createHash('sha256').update(content).digest('hex').slice(0, 12);
