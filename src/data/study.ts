import { createHash } from 'node:crypto';
import type { RunConfig } from '../config/schema.ts';
import { InputError } from '../input-error.ts';
import type { SourceOptions } from './data-source.ts';
import type { ImageSet, StudyData } from './image-set.ts';
import { normalizationOf } from './normalization.ts';
import { warnOfRepeatedImages } from './repeated-images.ts';
import { concatenate, greyToColour, selectClasses, subsetPerClass } from './selection.ts';
import { dataSources, openDataSource } from './sources.ts';
import { readSplit } from './splits.ts';

/** `data.perClass` is drawn with this seed, so that runs with different training seeds see the same images. */
const subsetSeed = 0;

/**
 * Reads what a study needs: source classes from the train part (at most `perClass` images each) and from the test part,
 * held-out classes from both parts together, as CIFAR-FS does. Throws InputError of one line for wrong or missing data.
 */
export async function loadStudyData(
  data: RunConfig['data'],
  options: Omit<SourceOptions, 'imageSize' | 'resize'>,
): Promise<StudyData> {
  const source = openDataSource(data.name, { ...options, imageSize: data.imageSize, resize: data.resize });
  if (data.resize !== undefined && source.hasImageFiles !== true)
    throw new InputError(
      `data.resize: only folders of images are resized, and ${data.name} is none; leave it out`,
    );
  const withChannels = data.channels === 3 ? greyToColour : (set: ImageSet) => set;
  const train = withChannels(await source.load('train'));
  const test = withChannels(await source.load('test'));
  if (data.imageSize !== undefined && (train.height !== data.imageSize || train.width !== data.imageSize))
    throw new InputError(
      `data.imageSize is ${data.imageSize}, but ${data.name} has images of ${train.height}x${train.width}; leave it out`,
    );
  const own = data.split === 'auto' ? await source.ownClasses?.() : null;
  const splitName = data.split === 'auto' ? source.ownSplit : data.split;
  const split = own ?? readSplit(splitName, train.classNames, source.name);

  if (split.source.length < 2)
    throw new InputError(
      `data.name: ${data.name} has one source class (${split.source[0]}); a classifier needs two or more`,
    );
  const sourceAll = selectClasses(train, split.source);
  const sourceTrain =
    data.perClass === undefined ? sourceAll : subsetPerClass(sourceAll, data.perClass, subsetSeed);
  const sourceTest = selectClasses(test, split.source);
  if (sourceTest.labels.length === 0)
    throw new InputError(
      `data.name: ${data.name} has no test images: no source class has two images, of which one could be held out`,
    );
  const heldOut = (part: 'validation' | 'target'): ImageSet | null => {
    const names = split[part];
    if (names.length === 0) return null;
    return concatenate(selectClasses(train, names), selectClasses(test, names), `${data.name}/${part}`);
  };
  const validation = heldOut('validation');
  const target = heldOut('target');
  // Of a data set with a name what it repeats is known.
  if (!options.listOnly && !Object.hasOwn(dataSources, data.name))
    warnOfRepeatedImages(sourceTrain, {
      [`${data.name}, test`]: sourceTest,
      [`${data.name}, validation`]: validation,
      [`${data.name}, target`]: target,
    });
  return {
    name: data.name,
    split: split.name,
    // Images that are only listed are black: they have no deviation to measure.
    normalization: options.listOnly ? { mean: [], std: [] } : normalizationOf(source.name, sourceTrain),
    sourceTrain,
    sourceTest,
    validation,
    target,
    checksum: checksumOf([sourceTrain, sourceTest, validation, target]),
  };
}

/** SHA-256 over shape, images and labels of each set, hex; labels as little-endian int32. */
function checksumOf(sets: readonly (ImageSet | null)[]): string {
  const hash = createHash('sha256');
  for (const set of sets) {
    if (set === null) {
      hash.update('absent;');
      continue;
    }
    hash.update(`${set.labels.length},${set.height},${set.width},${set.channels};`);
    hash.update(set.images);
    const labels = new DataView(new ArrayBuffer(set.labels.length * 4));
    set.labels.forEach((label, index) => {
      labels.setInt32(index * 4, label, true);
    });
    hash.update(new Uint8Array(labels.buffer));
  }
  return hash.digest('hex');
}
