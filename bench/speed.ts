/**
 * A training step, inference, geometric-complexity probes and exact Jacobians of gcnc against PyTorch, on the same shapes in the same run;
 * training in float32 also against stock tfjs-layers.
 *
 *     npm run bench -- [--json] [--quick] [--compile] [--only TEXT] [--seconds S] [--rounds N] [--instructions LEVEL] [--busy N]
 *         [--out FILE]
 *
 * PYTHON names a Python with torch and torchvision. One process a side, asked in turns while the others wait; each figure is the median
 * of the calls of `seconds`, each line is asked `rounds` times and the median of the ratios is kept, so that a busy moment does not
 * decide. PyTorch is asked in NCHW and channels_last and, with --compile, through torch.compile; its best counts. --instructions keeps both
 * sides to one of the levels of own kernels (bench/instructions.ts). --busy N has N other processes at full load meanwhile.
 */
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { environmentFor } from './instructions.ts';
import { median } from './median.ts';
import { type Side, startSide } from './speed-side.ts';
import type { SpeedRequest } from './speed-worker.ts';

const { values: flags } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    compile: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    seconds: { type: 'string', default: '3' },
    rounds: { type: 'string' },
    instructions: { type: 'string', default: '' },
    busy: { type: 'string', default: '0' },
    out: { type: 'string' },
  },
});
const seconds = Number(flags.seconds);
const rounds = Number(flags.rounds ?? (flags.quick ? 1 : 3));
const environment = environmentFor(flags.instructions);

const resnet = { model: 'resnet18', seconds } as const;
const requests: SpeedRequest[] = [];
for (const precision of ['float32', 'bfloat16'] as const) {
  for (const width of [16, 32, 64])
    for (const batch of flags.quick ? [64] : [64, 256])
      requests.push({ ...resnet, task: 'train', width, batch, precision });
  for (const batch of flags.quick ? [64] : [64, 256])
    requests.push({ task: 'train', model: 'vgg13', width: 64, batch, precision, seconds });
  for (const model of ['resnet12', 'conv4'] as const)
    requests.push({ task: 'train', model, width: 64, batch: 64, precision, seconds });
  requests.push({ ...resnet, task: 'inference', width: 64, batch: 64, precision });
  requests.push({ ...resnet, task: 'probe', width: 64, batch: 64, precision });
  requests.push({ ...resnet, task: 'exact', width: 64, batch: 1, precision });
}

const nameOf = ({ task, model, width, batch, precision }: SpeedRequest): string =>
  `${task} ${model} width ${width} batch ${batch} ${precision}`;

/** Null where a side could not do it. */
const rounded = (value: number): number | null =>
  Number.isFinite(value) && value !== 0 ? Number(value.toPrecision(4)) : null;

/** PyTorch's best of its forms, and which that was. */
const askPyTorch = async (torch: Side, request: SpeedRequest, precision = request.precision) => {
  const compiles = flags.compile && request.task === 'train';
  const forms = [
    { form: 'contiguous', format: 'contiguous', compile: false },
    { form: 'channels_last', format: 'channels_last', compile: false },
    ...(compiles ? [{ form: 'compiled', format: 'channels_last', compile: true }] : []),
  ];
  let best = { rate: Number.NEGATIVE_INFINITY, form: '', memory: 0 };
  for (const { form, format, compile } of forms) {
    const answer = await torch.ask({ ...request, precision, format, compile });
    if (answer.rate !== null && answer.rate > best.rate)
      best = { rate: answer.rate, form, memory: answer.peakMegabytes ?? 0 };
  }
  return best;
};

/** Fresh processes a line, so that peak memory is the line's own. */
const compare = async (request: SpeedRequest) => {
  const asksStock =
    request.task === 'train' &&
    request.model === 'resnet18' &&
    request.precision === 'float32' &&
    request.batch === 64 &&
    flags.instructions === '';
  const ours = await startSide('gcnc', environment);
  const torch = await startSide('pytorch', environment);
  const stock = asksStock ? await startSide('tfjs-layers', environment) : null;
  // In bfloat16 the Jacobian's figures stand beside PyTorch's float32 too.
  const asksFloat32 = request.precision === 'bfloat16' && ['probe', 'exact'].includes(request.task);
  const found = { own: [], best: [], ratios: [], stock: [], float32: [] } as Record<string, number[]>;
  let form = '';
  let [memory, torchMemory] = [0, 0];
  for (let round = 0; round < rounds; round++) {
    const own = await ours.ask(request);
    memory = own.peakMegabytes ?? 0;
    const best = await askPyTorch(torch, request);
    ({ form, memory: torchMemory } = best);
    found.own!.push(own.rate!);
    found.best!.push(best.rate);
    found.ratios!.push(own.rate! / best.rate);
    if (stock) found.stock!.push(own.rate! / (await stock.ask(request)).rate!);
    if (asksFloat32) found.float32!.push(own.rate! / (await askPyTorch(torch, request, 'float32')).rate);
  }
  for (const each of [ours, torch, stock]) each?.end();
  const { task, model, width, batch, precision } = request;
  return {
    ...{ task, model, width, batch, precision },
    gcnc: rounded(median(found.own!)),
    pytorch: rounded(median(found.best!)),
    pytorchForm: form,
    ratio: rounded(median(found.ratios!)),
    ...(stock ? { ratioToTfjsLayers: rounded(median(found.stock!)) } : {}),
    ...(asksFloat32 ? { ratioToPytorchFloat32: rounded(median(found.float32!)) } : {}),
    peakMegabytes: rounded(memory),
    pytorchPeakMegabytes: rounded(torchMemory),
  };
};

const busy = Array.from({ length: Number(flags.busy) }, () =>
  spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' }),
);
const results = [];
for (const request of requests) {
  if (!nameOf(request).includes(flags.only)) continue;
  const result = await compare(request);
  results.push(result);
  const further = [
    ['tfjs-layers', result.ratioToTfjsLayers],
    ["PyTorch's float32", result.ratioToPytorchFloat32],
  ].flatMap(([name, ratio]) => (ratio === undefined ? [] : [`; ${ratio} to ${name}`]));
  process.stderr.write(
    `${nameOf(request).padEnd(46)} ${String(result.gcnc).padStart(6)} against ${String(result.pytorch).padStart(6)} (${result.pytorchForm}): ${result.ratio}${further.join('')}\n`,
  );
}
for (const each of busy) each.kill();
const record = {
  date: new Date().toISOString().slice(0, 10),
  cpu: cpus()[0]?.model ?? null,
  cores: cpus().length,
  load: loadavg()[0],
  ...(flags.instructions === '' ? {} : { instructions: flags.instructions }),
  ...(busy.length === 0 ? {} : { busyProcesses: busy.length }),
  rounds,
  evenRounds: 'averaged',
  seconds,
  unit: 'images a second; rows of the Jacobian a second for exact',
  results,
};
if (flags.out !== undefined) writeFileSync(flags.out, `${JSON.stringify(record, null, 2)}\n`);
if (flags.json) process.stdout.write(`${JSON.stringify(record)}\n`);
