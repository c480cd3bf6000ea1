import { type DataSet, remoteFiles } from '../data-set.ts';
import { type IdxFormat, idxFiles, idxIn, idxSource } from '../idx.ts';

const format: IdxFormat = {
  name: 'fashion-mnist',
  folder: 'fashion-mnist',
  torchvisionFolder: 'FashionMNIST/raw',
  // Debian's package dataset-fashion-mnist.
  systemFolder: '/usr/share/datasets/fashion-mnist',
  classNames: [
    't-shirt',
    'trouser',
    'pullover',
    'dress',
    'coat',
    'sandal',
    'shirt',
    'sneaker',
    'bag',
    'ankle-boot',
  ],
};

/** Xiao, Rasul, Vollgraf 2017: 60,000 training and 10,000 test images of 10 classes, 28x28, grey. */
export const fashionMnist: DataSet = {
  name: format.name,
  open: (options) => idxSource(format, options),
  ownSplit: 'none',
  images: { side: 28, channels: 1 },
  openFolder: (folder, options) => idxIn(format, folder, options),
  normalization: { mean: [0.2860406], std: [0.3530242] },
  remote: {
    archive: false,
    files: remoteFiles('http://fashion-mnist.s3-website.eu-central-1.amazonaws.com', [
      [idxFiles[0], 26421880, '8d4fb7e6c68d591d4c3dfef9ec88bf0d'],
      [idxFiles[1], 29515, '25c81989df183df01b3e8a0aad5dffbe'],
      [idxFiles[2], 4422102, 'bef4ecab320f06d8554ea6380940ec79'],
      [idxFiles[3], 5148, 'bb300cfdad3c16e7a12a480ee83cd310'],
    ]),
    folder: format.folder,
    required: idxFiles,
  },
};
