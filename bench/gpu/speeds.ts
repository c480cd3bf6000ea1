import { spawnSync } from 'node:child_process';
import { startSide } from '../speed-side.ts';
import type { CheckReport, SpeedRow } from './report.ts';

interface Asked {
  readonly environment: NodeJS.ProcessEnv;
  readonly quick: boolean;
  readonly standIn: boolean;
}

/** Images and probes per second of ResNet-18 and VGG-13 beside PyTorch's best form on the same card. */
export const speeds = async ({ environment, quick, standIn }: Asked): Promise<CheckReport['speed']> => {
  const device = standIn ? 'cpu' : 'cuda';
  const python = process.env.PYTHON ?? 'python3';
  const has = standIn ? 'import torch' : 'import torch; assert torch.cuda.is_available()';
  const withTorch = spawnSync(python, ['-c', `import torchvision; ${has}`]).status === 0;
  const width = quick ? 8 : 64;
  const batch = quick ? 16 : 256;
  const seconds = quick ? 0.2 : 4;
  const rows: SpeedRow[] = [];
  for (const task of ['train', 'probe'] as const)
    for (const model of quick ? (['resnet18'] as const) : (['resnet18', 'vgg13'] as const))
      for (const precision of ['float32', 'tf32', 'bfloat16'] as const) {
        if (standIn && precision === 'tf32') continue;
        const request = { task, model, width, batch, seconds };
        const type = precision === 'tf32' ? 'float32' : precision;
        const ours = await startSide('gcnc', environment);
        const own = await ours
          .ask({ ...request, precision: type, tf32: precision === 'tf32' })
          .catch(() => null);
        ours.end();
        let best = { rate: null as number | null, form: null as string | null };
        if (withTorch) {
          const torch = await startSide('pytorch');
          for (const form of forms(quick)) {
            const answer = await torch.ask({ ...request, ...form, precision, device }).catch(() => null);
            if (answer?.rate && answer.rate > (best.rate ?? 0)) best = { rate: answer.rate, form: form.name };
          }
          torch.end();
        }
        const name = `${task} ${model} width ${width} batch ${batch}`;
        rows.push({
          task: name,
          precision,
          gcnc: own?.rate ?? null,
          pytorch: best.rate,
          pytorchForm: best.form,
        });
      }
  const note = withTorch
    ? null
    : `PyTorch was not asked: ${python} has no torch and torchvision for this device (PYTHON names another).`;
  return { rows, note };
};

const forms = (quick: boolean) => [
  { name: 'contiguous', format: 'contiguous', compile: false },
  { name: 'channels_last', format: 'channels_last', compile: false },
  ...(quick ? [] : [{ name: 'compiled', format: 'channels_last', compile: true }]),
];
