/** A file that a data set is published as. */
export interface RemoteFile {
  readonly url: string;
  readonly bytes: number;
  /** As published; it finds damage, and is no defence against forgery. */
  readonly md5: string;
}

/** A data set that can be fetched: one archive that holds `folder`, or single files that go into it. */
export interface RemoteDataSet {
  readonly name: string;
  readonly archive: boolean;
  readonly files: readonly RemoteFile[];
  /** In the data folder; complete once all of `required` are there. */
  readonly folder: string;
  readonly required: readonly string[];
}

const single = (base: string, name: string, bytes: number, md5: string): RemoteFile => ({
  url: `${base}/${name}`,
  bytes,
  md5,
});

const toronto = 'https://www.cs.toronto.edu/~kriz';
// LeCun's own address no longer serves the files; this is PyTorch's copy, with his checksums.
const mnistBase = 'https://ossci-datasets.s3.amazonaws.com/mnist';
const fashionBase = 'http://fashion-mnist.s3-website.eu-central-1.amazonaws.com';

const idxFiles = [
  'train-images-idx3-ubyte.gz',
  'train-labels-idx1-ubyte.gz',
  't10k-images-idx3-ubyte.gz',
  't10k-labels-idx1-ubyte.gz',
] as const;

/** Everything `gcnc data fetch` can bring; addresses and checksums are the publishers' (CIFAR: Krizhevsky's page). */
export const remoteDataSets: readonly RemoteDataSet[] = [
  {
    name: 'cifar-10',
    archive: true,
    files: [single(toronto, 'cifar-10-binary.tar.gz', 170052171, 'c32a1d4ab5d03f1284b67883e8d87530')],
    folder: 'cifar-10-batches-bin',
    required: [
      'batches.meta.txt',
      'data_batch_1.bin',
      'data_batch_2.bin',
      'data_batch_3.bin',
      'data_batch_4.bin',
      'data_batch_5.bin',
      'test_batch.bin',
    ],
  },
  {
    name: 'cifar-100',
    archive: true,
    files: [single(toronto, 'cifar-100-binary.tar.gz', 168513733, '03b5dce01913d631647c71ecec9e9cb8')],
    folder: 'cifar-100-binary',
    required: ['fine_label_names.txt', 'train.bin', 'test.bin'],
  },
  {
    name: 'mnist',
    archive: false,
    files: [
      single(mnistBase, idxFiles[0], 9912422, 'f68b3c2dcbeaaa9fbdd348bbdeb94873'),
      single(mnistBase, idxFiles[1], 28881, 'd53e105ee54ea40749a09fcbcd1e9432'),
      single(mnistBase, idxFiles[2], 1648877, '9fb629c4189551a2d022fa330f9573f3'),
      single(mnistBase, idxFiles[3], 4542, 'ec29112dd5afa0611ce80d1b7f02629c'),
    ],
    folder: 'mnist',
    required: idxFiles,
  },
  {
    name: 'fashion-mnist',
    archive: false,
    files: [
      single(fashionBase, idxFiles[0], 26421880, '8d4fb7e6c68d591d4c3dfef9ec88bf0d'),
      single(fashionBase, idxFiles[1], 29515, '25c81989df183df01b3e8a0aad5dffbe'),
      single(fashionBase, idxFiles[2], 4422102, 'bef4ecab320f06d8554ea6380940ec79'),
      single(fashionBase, idxFiles[3], 5148, 'bb300cfdad3c16e7a12a480ee83cd310'),
    ],
    folder: 'fashion-mnist',
    required: idxFiles,
  },
];
