import { type CifarFormat, cifarIn, cifarSource } from '../cifar.ts';
import { type DataSet, remoteFiles } from '../data-set.ts';

const format: CifarFormat = {
  name: 'cifar-100',
  ownSplit: 'cifar-fs',
  folder: 'cifar-100-binary',
  namesFile: 'fine_label_names.txt',
  trainFiles: ['train.bin'],
  testFile: 'test.bin',
  classes: 100,
  labelBytes: 2,
  python: {
    folder: 'cifar-100-python',
    namesFile: 'meta',
    namesKey: 'fine_label_names',
    trainFiles: ['train'],
    testFile: 'test',
    labelKey: 'fine_labels',
  },
};

/** Krizhevsky 2009: 50,000 training and 10,000 test images of 100 classes, 32x32. Splits: Bertinetto et al. 2019, Oreshkin et al. 2018. */
export const cifar100: DataSet = {
  name: format.name,
  open: (options) => cifarSource(format, options),
  ownSplit: format.ownSplit,
  images: { side: 32, channels: 3 },
  openFolder: (folder, options) => cifarIn(format, folder, options),
  normalization: { mean: [0.5070752, 0.4865489, 0.4409178], std: [0.2673343, 0.2564385, 0.2761505] },
  remote: {
    archive: true,
    files: remoteFiles('https://www.cs.toronto.edu/~kriz', [
      ['cifar-100-binary.tar.gz', 168513733, '03b5dce01913d631647c71ecec9e9cb8'],
    ]),
    folder: format.folder,
    required: [format.namesFile, ...format.trainFiles, format.testFile],
  },
  splits: {
    'cifar-fs': new URL('../splits/cifar-fs.yaml', import.meta.url),
    fc100: new URL('../splits/fc100.yaml', import.meta.url),
  },
};
