import { type NativeBinding, watchTensorFlow } from '../../src/backend/load.ts';
import { watchedBinding } from './watched-binding.ts';

/** What went between gcnc and TensorFlow. */
export interface Counts {
  /** Calls by op. */
  readonly ops: Readonly<Record<string, number>>;
  readonly uploads: number;
  readonly uploadedBytes: number;
  /** Each waits until all that was queued before it is done. */
  readonly downloads: number;
  readonly downloadedBytes: number;
}

/** An op with the types that it was issued with, in order of the alphabet. */
export interface IssuedOp {
  readonly op: string;
  readonly types: Readonly<Record<string, number>>;
}

export interface Counter {
  /** What has gone by since the last call. */
  readonly take: () => Counts;
  /** Every op with its types since the counter was made, each once. */
  readonly issued: () => readonly IssuedOp[];
}

/** Counts from now on, in this process. */
export const startCounter = (): Counter => {
  let ops: Record<string, number> = {};
  let moved = { uploads: 0, uploadedBytes: 0, downloads: 0, downloadedBytes: 0 };
  const issued = new Map<string, IssuedOp>();
  const watching = (binding: NativeBinding): NativeBinding => {
    return watchedBinding(binding, {
      createTensor: (...given: Parameters<NativeBinding['createTensor']>) => {
        const [, , values] = given;
        moved.uploads += 1;
        moved.uploadedBytes += 'byteLength' in values ? values.byteLength : 0;
        return binding.createTensor(...given);
      },
      tensorDataSync: (id: number) => {
        const values = binding.tensorDataSync(id);
        moved.downloads += 1;
        moved.downloadedBytes += values.byteLength;
        return values;
      },
      executeOp: (...given: Parameters<NativeBinding['executeOp']>) => {
        const [op, attributes] = given;
        ops[op] = (ops[op] ?? 0) + 1;
        const types = attributes.filter(({ type }) => type === binding.TF_ATTR_TYPE);
        const named = types.map(({ name, value }) => [name, Number(value)] as const).sort();
        issued.set(`${op} ${named}`, { op, types: Object.fromEntries(named) });
        return binding.executeOp(...given);
      },
    });
  };
  watchTensorFlow(watching);
  return {
    take: () => {
      const counted = { ops, ...moved };
      ops = {};
      moved = { uploads: 0, uploadedBytes: 0, downloads: 0, downloadedBytes: 0 };
      return counted;
    },
    issued: () =>
      [...issued.entries()].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, each]) => each),
  };
};
