import { resolve } from 'node:path';
import { isTildePath, tildeMessage } from '../files/tilde.ts';
import type { Path } from './located.ts';
import type { RunConfig } from './schema.ts';

/** Names of the source's own images in records: no target is called so. */
const taken = ['sourceTrain', 'sourceTest'];

/** What is wrong with the targets and layers of a run; null where they make sense. */
export const wrongPlaces = (
  measure: RunConfig['measure'],
  fewshot: RunConfig['fewshot'],
): { path: Path; message: string } | null => {
  const lists = {
    'measure.targets': measure.targets,
    'measure.layers': measure.layers,
    'fewshot.targets': fewshot.targets,
    'fewshot.layers': fewshot.layers,
  };
  for (const [key, list = []] of Object.entries(lists)) {
    const wrong = (message: string) => ({
      path: key.split('.'),
      message: `${key}${message.startsWith(':') ? '' : ' '}${message}`,
    });
    const isTargets = key.endsWith('targets');
    const same = isTargets ? list.map((each) => (each.includes('/') ? resolve(each) : each)) : list;
    if (new Set(same).size < list.length) return wrong(`names a value twice: [${list.join(', ')}]`);
    const tilde = isTargets ? list.find(isTildePath) : undefined;
    if (tilde !== undefined) return wrong(`: ${tildeMessage(tilde)}`);
    const source = isTargets ? list.find((each) => taken.includes(each)) : undefined;
    if (source !== undefined)
      return wrong(`names ${source}, which the network is trained on or measured on anyway; leave it out`);
    if (!isTargets && list.length > 0 && !list.includes('embedding'))
      return wrong(`is [${list.join(', ')}]; it must name embedding too, which reports and bounds are of`);
  }
  if (fewshot.targets !== undefined && fewshot.split !== 'target')
    return {
      path: ['fewshot', 'targets'],
      message: `fewshot.targets stands instead of fewshot.split, which is ${fewshot.split}; give one of them`,
    };
  if (measure.unpooledComplexity === true && measure.layers === undefined)
    return {
      path: ['measure', 'unpooledComplexity'],
      message: 'measure.unpooledComplexity is of the feature maps in measure.layers, which names none',
    };
  return null;
};
