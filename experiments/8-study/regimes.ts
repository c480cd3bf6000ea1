import type { Study } from '../studies.ts';

/** A regime of ../PLAN.md: one network, one recipe, and the knobs that are turned around them. */
export interface Regime {
  /** As PLAN.md names it, without the brackets. */
  readonly id: string;
  readonly name: string;
  /** Network, images and training, in short. */
  readonly recipe: string;
  /** Of its configs' names: `8-study/<prefix>-<knob>`. */
  readonly prefix: string;
  /** Whether PLAN.md asks for a training loss near 0 at the end. */
  readonly mustFit: boolean;
  /** 5-shot accuracy that PLAN.md names as the regime's purpose, from 0 to 1; null where it names none. */
  readonly transferAim: number | null;
  /** False where its sweeps are of different data sets, so that no link goes over all of them. */
  readonly isPooled: boolean;
}

export const regimes: readonly Regime[] = [
  {
    id: 'a',
    name: 'plain',
    recipe:
      'ResNet-18 of width 16, CIFAR-FS with 100 images per class; SGD at a constant rate, no momentum, augmentation or L2; 4,000 steps',
    prefix: 'plain',
    mustFit: true,
    transferAim: null,
    isPooled: true,
  },
  {
    id: 'b',
    name: 'transfer',
    recipe: 'ResNet-18 of width 32, all 500 images per class; momentum, crop and flip, cosine, L2; 12 epochs',
    prefix: 'transfer',
    mustFit: false,
    transferAim: 0.78,
    isPooled: true,
  },
  {
    id: "b'",
    name: 'recipe',
    recipe: 'as (b) at width 16 and 250 images per class; constant or cosine rate, with or without L2',
    prefix: 'recipe',
    mustFit: false,
    transferAim: null,
    isPooled: true,
  },
  {
    id: 'c',
    name: 'published',
    recipe: 'Conv-4 of width 64, all 500 images per class; the recipe of few-shot learning; 30 epochs',
    prefix: 'published',
    mustFit: false,
    transferAim: null,
    isPooled: true,
  },
  {
    id: 'd',
    name: 'VGG',
    recipe: 'VGG-13 of width 32, CIFAR-10 with 500 images per class; momentum, no augmentation; 30 epochs',
    prefix: 'vgg',
    mustFit: true,
    transferAim: null,
    isPooled: true,
  },
  {
    id: "d'",
    name: 'grey',
    recipe: 'VGG-11 of width 16, MNIST and Fashion-MNIST',
    prefix: 'grey',
    mustFit: false,
    transferAim: null,
    isPooled: false,
  },
  {
    id: 'e',
    name: 'elsewhere',
    recipe: "as (b), with MNIST as a second target; and FC100's classes",
    prefix: 'elsewhere',
    mustFit: false,
    transferAim: null,
    isPooled: false,
  },
];

/** The mean training loss at the end, in nat, below which a regime fits. */
export const fitsBelow = 0.1;

const folder = '8-study/';

export const isOfStudy = ({ id }: Study): boolean => id.startsWith(folder);

/** The regime that a config's name puts it in; undefined for a config that PLAN.md has no regime for. */
export const regimeOf = ({ id }: Study): Regime | undefined =>
  regimes.find(({ prefix }) => id.startsWith(`${folder}${prefix}-`));

/** What follows the regime in the config's name, such as `learning-rate`. */
export const knobOf = (study: Study): string =>
  study.id.slice(`${folder}${regimeOf(study)?.prefix ?? ''}-`.length);

/** The knob for the eye: what follows the regime in the config's title. */
export const knobLabel = ({ title }: Study): string => title.replace(/^regime \([^)]*\): /, '');

export const regimeTitle = ({ id, name }: Regime): string => `Regime (${id}), ${name}`;
