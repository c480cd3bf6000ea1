/** What decides how the samples of a TIFF's first image are read (TIFF 6.0, section 8): tags by number. */
const tags = { compression: 259, photometric: 262 } as const;
const jpeg = [6, 7];
/** White is zero, black is zero, RGB, palette; YCbCr is libtiff's to convert where it is JPEG. */
const [readable, ycbcr] = [[0, 1, 2, 3], 6];

/**
 * Why the samples of a TIFF's first image are no grey levels, RGB or palette indices; null where they are. Decoders hand out YCbCr
 * without JPEG, and samples of a camera's sensor, as if they were colours.
 */
export function foreignSamples(bytes: Uint8Array): string | null {
  const found = firstTags(bytes);
  const photometric = found.get(tags.photometric);
  if (photometric === undefined) return 'a TIFF that does not say what its samples are';
  if (readable.includes(photometric)) return null;
  if (photometric !== ycbcr)
    return `a TIFF whose samples are of the kind ${photometric} (PhotometricInterpretation)`;
  return jpeg.includes(found.get(tags.compression) ?? 1)
    ? null
    : 'a TIFF of YCbCr without JPEG; convert it to RGB';
}

/** First values of the first directory's tags that are SHORT or LONG; of BigTIFF too. */
function firstTags(bytes: Uint8Array): ReadonlyMap<number, number> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const little = bytes[0] === 0x49;
  const isBig = view.getUint16(2, little) === 43;
  const found = new Map<number, number>();
  const start = isBig ? Number(view.getBigUint64(8, little)) : view.getUint32(4, little);
  const [countBytes, entryBytes, valueAt] = isBig ? [8, 20, 12] : [2, 12, 8];
  if (start + countBytes > bytes.length) return found;
  const count = isBig ? Number(view.getBigUint64(start, little)) : view.getUint16(start, little);
  for (
    let i = 0, at = start + countBytes;
    i < count && at + entryBytes <= bytes.length;
    i++, at += entryBytes
  ) {
    const type = view.getUint16(at + 2, little);
    if (type === 3) found.set(view.getUint16(at, little), view.getUint16(at + valueAt, little));
    if (type === 4) found.set(view.getUint16(at, little), view.getUint32(at + valueAt, little));
  }
  return found;
}
