import { writeFileSync } from 'node:fs';
import { zipSync } from 'fflate';
import { encodeNpy } from '../../src/formats/npy-encode.ts';

/** Six float16 embeddings [1, 1], three of each of two classes. */
export function writeHalfFile(path: string): void {
  // Bits of 1 in float16, in an array of uint16 whose header then says float16.
  const bits = encodeNpy({ shape: [6, 2], values: new Uint16Array(12).fill(0x3c00) });
  const half = Buffer.from(Buffer.from(bits).toString('latin1').replace('<u2', '<f2'), 'latin1');
  const labels = encodeNpy({ shape: [6], values: Int32Array.of(0, 0, 0, 1, 1, 1) });
  writeFileSync(path, zipSync({ 'embeddings.npy': half, 'labels.npy': labels }));
}
