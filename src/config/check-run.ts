import { isTildePath, tildeMessage } from '../files/tilde.ts';
import { notTaken } from '../models/models.ts';
import { augments, wrongAugmentation } from './augmentation-schema.ts';
import { wrongPlaces } from './check-places.ts';
import { choosesPenalty, episodeSets } from './fewshot-schema.ts';
import type { Path } from './located.ts';
import type { RunConfig } from './schema.ts';

/** What each key allows and their combination does not; null where the run makes sense. */
export function contradictionIn({
  data,
  model,
  training,
  measure,
  fewshot,
}: RunConfig): { path: Path; message: string } | null {
  const tilde = Object.entries({
    'data.name': data.name,
    'data.split': data.split,
    'model.weights': model.weights,
  }).find(([, path]) => path !== undefined && isTildePath(path));
  if (tilde !== undefined) return wrong(tilde[0], `${tilde[0]}: ${tildeMessage(tilde[1]!)}`);
  const augmentation = wrongAugmentation(data);
  if (augmentation !== null) return wrong(augmentation.key, augmentation.message);
  const { resize, imageSize } = data;
  if (resize !== undefined && imageSize !== undefined && resize < imageSize)
    return wrong(
      'data.resize',
      `data.resize is ${resize}, less than data.imageSize, ${imageSize}; nothing is left to crop`,
    );
  const { momentum, nesterov, schedule, epochs } = training;
  if (nesterov && momentum === 0)
    return wrong(
      'training.nesterov',
      'training.nesterov is true but training.momentum is 0; give a momentum',
    );
  if (epochs > 0 && schedule.warmupEpochs > epochs)
    return wrong(
      'training.schedule.warmupEpochs',
      `training.schedule.warmupEpochs is ${schedule.warmupEpochs}, more than training.epochs, ${epochs}`,
    );
  if (schedule.milestones.some((share, index) => share <= (schedule.milestones[index - 1] ?? -1)))
    return wrong(
      'training.schedule.milestones',
      `training.schedule.milestones must rise, not be [${schedule.milestones.join(', ')}]`,
    );
  const lacking = notTaken(model);
  if (lacking !== null) return wrong(`model.${lacking.key}`, lacking.message);
  const { freeze, dropout, dropBlock } = model;
  const drops = dropout !== undefined && dropout !== 0.5 ? 'dropout' : dropBlock && 'dropBlock';
  if (freeze && drops !== undefined)
    return wrong(
      `model.${drops}`,
      `model.${drops} does nothing with model.freeze: frozen layers run as in inference, without dropout; leave one of them out`,
    );
  if (freeze && training.gcPenalty > 0)
    return wrong(
      'training.gcPenalty',
      'training.gcPenalty does nothing with model.freeze: the embedding, whose complexity it lowers, is frozen; leave one of them out',
    );
  const place = wrongPlaces(measure, fewshot);
  if (place !== null) return place;
  const twice = [fewshot.shots, fewshot.readouts].find((list) => new Set<unknown>(list).size < list.length);
  if (twice !== undefined) {
    const key = twice === fewshot.shots ? 'fewshot.shots' : 'fewshot.readouts';
    return wrong(key, `${key} names a value twice: [${twice.join(', ')}]`);
  }
  if (choosesPenalty(fewshot) && episodeSets(fewshot).includes('validation'))
    return wrong(
      'fewshot.C',
      'fewshot.C is auto, which chooses on the validation classes, but episodes are drawn from these; give a number',
    );
  const tunes = fewshot.readouts.includes('fine-tune');
  if (tunes && fewshot.readouts.length === 1)
    return wrong(
      'fewshot.readouts',
      'fewshot.readouts: fine-tune needs another readout beside it, such as nearest-mean, on the same episodes',
    );
  if (tunes && fewshot.augmentedSupports !== undefined)
    return wrong(
      'fewshot.augmentedSupports',
      'fewshot.augmentedSupports: the readout fine-tune learns the images as they are; leave one of them out',
    );
  if (!tunes && fewshot.fineTune !== undefined)
    return wrong(
      'fewshot.fineTune',
      'fewshot.fineTune is of the readout fine-tune, which fewshot.readouts does not name',
    );
  if (fewshot.augmentedSupports !== undefined && !augments(data))
    return wrong(
      'fewshot.augmentedSupports',
      'fewshot.augmentedSupports needs an augmentation, but data.augmentation is none and nothing else is given',
    );
  return null;
}

const wrong = (key: string, message: string): { path: Path; message: string } => ({
  path: key.split('.'),
  message,
});
