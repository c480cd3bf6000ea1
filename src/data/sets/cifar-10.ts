import { type CifarFormat, cifarIn, cifarSource } from '../cifar.ts';
import { type DataSet, remoteFiles } from '../data-set.ts';

const format: CifarFormat = {
  name: 'cifar-10',
  ownSplit: 'none',
  folder: 'cifar-10-batches-bin',
  namesFile: 'batches.meta.txt',
  trainFiles: [1, 2, 3, 4, 5].map((number) => `data_batch_${number}.bin`),
  testFile: 'test_batch.bin',
  classes: 10,
  labelBytes: 1,
  python: {
    folder: 'cifar-10-batches-py',
    namesFile: 'batches.meta',
    namesKey: 'label_names',
    trainFiles: [1, 2, 3, 4, 5].map((number) => `data_batch_${number}`),
    testFile: 'test_batch',
    labelKey: 'labels',
  },
};

/** Krizhevsky 2009: 50,000 training and 10,000 test images of 10 classes, 32x32. */
export const cifar10: DataSet = {
  name: format.name,
  open: (options) => cifarSource(format, options),
  ownSplit: format.ownSplit,
  images: { side: 32, channels: 3 },
  openFolder: (folder, options) => cifarIn(format, folder, options),
  normalization: { mean: [0.4913997, 0.4821584, 0.4465309], std: [0.2470323, 0.2434851, 0.2615878] },
  remote: {
    archive: true,
    files: remoteFiles('https://www.cs.toronto.edu/~kriz', [
      ['cifar-10-binary.tar.gz', 170052171, 'c32a1d4ab5d03f1284b67883e8d87530'],
    ]),
    folder: format.folder,
    required: [format.namesFile, ...format.trainFiles, format.testFile],
  },
};
