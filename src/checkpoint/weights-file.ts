import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { refusing } from '../files/open-file.ts';
import { readOnnx } from '../formats/onnx.ts';
import { decodeSafetensors, type StoredTensor } from '../formats/safetensors.ts';
import { readTorchFile } from '../formats/torch-file.ts';
import { InputError } from '../input-error.ts';
import { type ModelName, modelNamed } from '../models/models.ts';
import { onnxWeights } from './onnx/weights.ts';
import { torchvisionNames } from './weight-names.ts';

/** What a file of weights holds, whatever its format. */
export interface WeightsFile {
  /** Under the network's names. */
  readonly weights: ReadonlyMap<string, StoredTensor>;
  /** What was renamed or left out, in words. */
  readonly renamed: readonly string[];
  /** Pixels per side that the file tells; null where it does not. */
  readonly side: number | null;
  /** Of bottlenecks, where the file tells: an ONNX graph does, as it tells each batch norm's epsilon. */
  readonly strides: 'v1' | 'v1.5' | undefined;
}

/** Formats that people have, and how to come from them to one that is read. */
const others: readonly (readonly [start: string, what: string])[] = [
  ['\x89HDF', 'an HDF5 file, as Keras writes; export it to ONNX with tf2onnx'],
  ['GGUF', 'a GGUF file'],
  ['\x1f\x8b', 'a gzipped file; unpack it first'],
];

/** What is chosen of a file that holds more than one network's weights. */
export interface Chosen {
  /** Key of a state dict within what torch.save stored, with dots between. */
  readonly stateDict?: string | undefined;
  /** What stands before the names of the network. */
  readonly prefix?: string | undefined;
}

/** Reads weights for the network `name`: .pt or .pth of torch.save, ONNX, or safetensors, told apart by their first bytes. */
export function readWeightsFile(
  path: string,
  name: ModelName,
  imageSize: number | undefined,
  { stateDict, prefix }: Chosen = {},
): WeightsFile {
  const start = firstBytes(path);
  const other = others.find(([magic]) => start.toString('latin1').startsWith(magic));
  if (other !== undefined)
    throw new InputError(`${path}: is ${other[1]}; read are .pt, .pth, .safetensors and .onnx`);
  if (isOnnx(start, path)) {
    refuseChoice('--prefix', prefix, path);
    refuseChoice('--state-dict', stateDict, path);
    const { weights, notes, ...told } = onnxWeights(
      readOnnx(readFileSync(path), path),
      name,
      imageSize,
      path,
    );
    return { weights, renamed: notes, ...told };
  }
  const isTorch =
    (start[0] === 0x50 && start[1] === 0x4b) || (start[0] === 0x80 && start[1]! <= 5 && start[8] !== 0x7b);
  if (!isTorch && /\.(pt|pth|bin|ckpt)$/i.test(path) && start[8] !== 0x7b)
    throw new InputError(
      `${path}: is no file of torch.save, neither a zip archive nor a pickle; in Python: torch.save(model.state_dict(), 'model.pth')`,
    );
  if (!isTorch) refuseChoice('--state-dict', stateDict, path);
  const stored = isTorch ? readTorchFile(path, stateDict) : decodeSafetensors(readFileSync(path), path);
  return {
    ...torchvisionNames(stored, path, modelNamed(name).firstConvolution, prefix),
    side: null,
    strides: undefined,
  };
}

const refuseChoice = (option: string, value: string | undefined, path: string): void => {
  if (value !== undefined)
    throw new InputError(
      `${option} ${value}: ${path} is of a format that holds one list of weights; leave it out`,
    );
};

/** An ONNX file starts with its version, field 1; the header of safetensors starts at byte 8. */
const isOnnx = (start: Buffer, path: string): boolean =>
  path.endsWith('.onnx') || (start[0] === 0x08 && start[8] !== 0x7b);

const firstBytes = (path: string): Buffer =>
  refusing(
    path,
    () => {
      const file = openSync(path, 'r');
      try {
        const bytes = Buffer.alloc(16);
        return bytes.subarray(0, readSync(file, bytes, 0, 16, 0));
      } finally {
        closeSync(file);
      }
    },
    { ifFolder: 'give the file of weights in it, such as model.safetensors or pytorch_model.bin' },
  );
