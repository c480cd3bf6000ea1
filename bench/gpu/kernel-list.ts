/** One kernel of TensorFlow's registry. */
export interface RegisteredKernel {
  readonly device: string;
  /** For each type attribute that the kernel is bound by, the numbers of the types (TF_DataType) that it takes. */
  readonly types: Readonly<Record<string, readonly number[]>>;
}

interface Field {
  readonly number: number;
  readonly value: number | Uint8Array;
}

/** The fields of a protocol buffer's message: varints as numbers, the rest as bytes. Throws Error where it is cut short. */
const fieldsOf = (bytes: Uint8Array): Field[] => {
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 1; ; shift *= 128) {
      const byte = bytes[at++];
      if (byte === undefined) throw new Error('a message that is cut short');
      value += (byte & 127) * shift;
      if (byte < 128) return value;
    }
  };
  const take = (length: number): Uint8Array => {
    if (at + length > bytes.length) throw new Error('a message that is cut short');
    at += length;
    return bytes.subarray(at - length, at);
  };
  const fields: Field[] = [];
  while (at < bytes.length) {
    const key = varint();
    const kind = key & 7;
    const value = kind === 0 ? varint() : take(kind === 2 ? varint() : kind === 1 ? 8 : 4);
    fields.push({ number: key >>> 3, value });
  }
  return fields;
};

const text = (value: Field['value'] | undefined): string =>
  value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : '';
const inner = (fields: readonly Field[], number: number): Uint8Array[] =>
  fields.flatMap((field) =>
    field.number === number && field.value instanceof Uint8Array ? [field.value] : [],
  );

/** Reads tensorflow.KernelList (kernel_def.proto, attr_value.proto). */
export const kernelsIn = (list: Uint8Array): RegisteredKernel[] =>
  inner(fieldsOf(list), 1).map((kernel) => {
    const fields = fieldsOf(kernel);
    const bounds = inner(fields, 3).map((constraint) => {
      const parts = fieldsOf(constraint);
      const allowed = inner(parts, 2).flatMap((value) => inner(fieldsOf(value), 1));
      return [text(parts.find(({ number }) => number === 1)?.value), allowed.flatMap(typesIn)] as const;
    });
    const device = text(fields.find(({ number }) => number === 2)?.value);
    return { device, types: Object.fromEntries(bounds) };
  });

/** AttrValue.ListValue.type, packed or one by one. */
const typesIn = (list: Uint8Array): number[] =>
  fieldsOf(list).flatMap(({ number, value }) => {
    if (number !== 6) return [];
    if (typeof value === 'number') return [value];
    return fieldsOf(Uint8Array.from([...value].flatMap((type) => [8, type]))).map((each) =>
      Number(each.value),
    );
  });

/** Whether a kernel of the device takes these types. */
export const takes = (
  kernels: readonly RegisteredKernel[],
  device: string,
  types: Readonly<Record<string, number>>,
): boolean =>
  kernels.some(
    (kernel) =>
      kernel.device === device &&
      Object.entries(kernel.types).every(
        ([name, allowed]) => types[name] === undefined || allowed.includes(types[name]),
      ),
  );
