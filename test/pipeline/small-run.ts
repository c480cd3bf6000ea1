import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { contradictionIn } from '../../src/config/check-run.ts';
import { idleKeysIn } from '../../src/config/idle-keys.ts';
import { hashOfConfig } from '../../src/config/run-identity.ts';
import { type RunConfig, runConfigSchema } from '../../src/config/schema.ts';
import { writeNpz } from '../../src/formats/npz.ts';
import type { CheckpointLine } from '../../src/pipeline/records.ts';
import { runOne } from '../../src/pipeline/run-one.ts';
import { randomStream } from '../../src/random/random.ts';
import { checkInputs } from '../../src/sweep/check-inputs.ts';

export const root = mkdtempSync(join(tmpdir(), 'gcnc-places-'));
after(() => rmSync(root, { recursive: true }));

export const smallConfig = (
  measure: object,
  fewshot: object = {},
  data: object = { imageSize: 16, perClass: 6 },
): RunConfig =>
  runConfigSchema.parse({
    data,
    model: { name: 'resnet10', width: 4 },
    training: { epochs: 1, batchSize: 48 },
    measure: { examples: 24, ...measure },
    fewshot: { shots: [1, 2], ways: 3, queries: 3, episodes: 6, ...fewshot },
  });

let runs = 0;
/** Trains and measures; the text of metrics.jsonl and its last line. */
export const runOf = async (
  config: RunConfig,
): Promise<{ folder: string; text: string; last: CheckpointLine }> => {
  runs += 1;
  const folder = join(root, `run-${runs}`);
  mkdirSync(folder);
  await runOne(folder, config, { stopRequested: () => false, onProgress: () => {}, environment: {} });
  const text = readFileSync(join(folder, 'metrics.jsonl'), 'utf8');
  return { folder, text, last: JSON.parse(text.trim().split('\n').at(-1)!) };
};

/** The one line that a plan says of a config; null where it is accepted. */
export const refusalOf = async (config: RunConfig): Promise<string | null> => {
  const contradiction = contradictionIn(config);
  if (contradiction !== null) return contradiction.message;
  const [idle] = idleKeysIn(config);
  if (idle !== undefined) return idle.message;
  const spec = { config, folderName: 'r', hash: hashOfConfig(config), parameters: {} };
  try {
    await checkInputs([spec], { GCNC_DATA_DIR: root });
    return null;
  } catch (error) {
    return (error as Error).message.replace(/^run r: /, '');
  }
};

/** A set of random images in a file.npz; classes differ in brightness. */
export const imagesIn = (
  name: string,
  { side = 16, channels = 3, classes = 4, perClass = 8, names = 'ABCDEFGH', seed = 1, named = true } = {},
): string => {
  const labels = Int32Array.from({ length: classes * perClass }, (_, i) => i % classes);
  const size = side * side * channels;
  const random = randomStream(seed);
  const images = Uint8Array.from(
    { length: labels.length * size },
    (_, i) => 20 * labels[Math.floor(i / size)]! + random.below(160),
  );
  const path = join(root, name);
  writeNpz(path, {
    images: { shape: [labels.length, side, side, channels], values: images },
    labels: { shape: [labels.length], values: labels },
    ...(named && { class_names: { shape: [classes], values: [...names].slice(0, classes) } }),
  });
  return path;
};
