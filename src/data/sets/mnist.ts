import { type DataSet, remoteFiles } from '../data-set.ts';
import { type IdxFormat, idxFiles, idxIn, idxSource } from '../idx.ts';

const format: IdxFormat = {
  name: 'mnist',
  folder: 'mnist',
  torchvisionFolder: 'MNIST/raw',
  classNames: ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
};

/** LeCun et al. 1998: 60,000 training and 10,000 test images of 10 digits, 28x28, grey. */
export const mnist: DataSet = {
  name: format.name,
  open: (options) => idxSource(format, options),
  ownSplit: 'none',
  images: { side: 28, channels: 1 },
  openFolder: (folder, options) => idxIn(format, folder, options),
  normalization: { mean: [0.1306605], std: [0.3081078] },
  remote: {
    archive: false,
    // LeCun's own address no longer serves the files; this is PyTorch's copy, with his checksums.
    files: remoteFiles('https://ossci-datasets.s3.amazonaws.com/mnist', [
      [idxFiles[0], 9912422, 'f68b3c2dcbeaaa9fbdd348bbdeb94873'],
      [idxFiles[1], 28881, 'd53e105ee54ea40749a09fcbcd1e9432'],
      [idxFiles[2], 1648877, '9fb629c4189551a2d022fa330f9573f3'],
      [idxFiles[3], 4542, 'ec29112dd5afa0611ce80d1b7f02629c'],
    ]),
    folder: format.folder,
    required: idxFiles,
  },
};
