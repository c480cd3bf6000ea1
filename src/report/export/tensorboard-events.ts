import type { Scalar } from './checkpoint-values.ts';
import { concat, double, entry, type Field, float, integer, message, text } from './protobuf.ts';
import { tfRecord } from './tfrecord.ts';

/**
 * TensorBoard's events, by the field numbers of event.proto, summary.proto and of the hparams plugin's plugin_data.proto and
 * api.proto. Each function gives one whole record.
 */
export type Hyperparameter = string | number | boolean;

/** First record of every file. */
export const versionEvent = (seconds: number): Uint8Array =>
  tfRecord(concat([double(1, seconds), text(3, 'brain.Event:2')]));

export const scalarsEvent = (seconds: number, step: number, scalars: readonly Scalar[]): Uint8Array =>
  summaryEvent(
    seconds,
    step,
    scalars.map(({ tag, value }) => message(1, [text(1, tag), float(2, value)])),
  );

/** Which hyperparameters and metrics the HPARAMS page shows: in the log folder itself, not in a run's. */
export function experimentEvent(
  seconds: number,
  hyperparameters: ReadonlyMap<string, readonly Hyperparameter[]>,
  metrics: readonly { readonly tag: string; readonly title: string }[],
): Uint8Array {
  const experiment = [
    double(3, seconds),
    ...[...hyperparameters].map(([name, values]) =>
      message(4, [
        text(1, name),
        integer(4, dataType(values)),
        message(
          5,
          values.map((value) => message(1, protobufValue(value))),
        ),
      ]),
    ),
    ...metrics.map(({ tag, title }) => message(5, [message(1, [text(2, tag)]), text(3, title)])),
  ];
  return hparamsEvent(seconds, '_hparams_/experiment', message(2, experiment));
}

export const sessionStartEvent = (
  seconds: number,
  group: string,
  hyperparameters: Readonly<Record<string, Hyperparameter>>,
): Uint8Array =>
  hparamsEvent(
    seconds,
    '_hparams_/session_start_info',
    message(3, [
      ...Object.entries(hyperparameters).map(([name, value]) => entry(1, name, protobufValue(value))),
      text(4, group),
      double(5, seconds),
    ]),
  );

export const sessionStatus = { unknown: 0, success: 1, failure: 2, running: 3 } as const;

export const sessionEndEvent = (seconds: number, status: keyof typeof sessionStatus): Uint8Array =>
  hparamsEvent(
    seconds,
    '_hparams_/session_end_info',
    message(4, [integer(1, sessionStatus[status]), double(2, seconds)]),
  );

/** The plugin keeps its data in the summary's metadata; the tensor beside it is an empty one of floats. */
function hparamsEvent(seconds: number, tag: string, data: Field): Uint8Array {
  const metadata = message(9, [message(1, [text(1, 'hparams'), message(2, [data])])]);
  return summaryEvent(seconds, 0, [message(1, [text(1, tag), emptyTensor, metadata])]);
}

const emptyTensor = message(8, [integer(1, 1), message(2, [message(2, [integer(1, 0)])])]);

const summaryEvent = (seconds: number, step: number, values: readonly Field[]): Uint8Array =>
  tfRecord(concat([double(1, seconds), integer(2, step), message(5, values)]));

function dataType(values: readonly Hyperparameter[]): number {
  const types = new Set(values.map((value) => typeof value));
  if (types.size !== 1 || types.has('string')) return 1;
  return types.has('boolean') ? 2 : 3;
}

/** google.protobuf.Value. */
function protobufValue(value: Hyperparameter): readonly Field[] {
  if (typeof value === 'number') return [double(2, value)];
  return typeof value === 'string' ? [text(3, value)] : [integer(4, value ? 1 : 0)];
}
