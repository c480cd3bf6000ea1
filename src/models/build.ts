import { convolvedSize } from '../backend/kernels/convolution-contract.ts';
import { InputError } from '../input-error.ts';
import type { Layer, Network, Node, Shape } from './network.ts';

/** Appends layers and keeps their shapes; what `network` returns is plain data. */
export interface Builder {
  /** Returns the new node; its inputs are earlier nodes, or -1 for the image. */
  readonly append: (layer: Layer, ...inputs: readonly number[]) => number;
  readonly shapeOf: (node: number) => Shape;
  readonly network: (outputs: Readonly<Record<string, number>>) => Network;
}

export const buildNetwork = (imageShape: Shape): Builder => {
  const nodes: Node[] = [];
  const shapes: Shape[] = [];
  const shapeOf = (node: number): Shape => (node < 0 ? imageShape : shapes[node]!);
  return {
    shapeOf,
    append: (layer, ...inputs) => {
      shapes.push(outputShape(layer, shapeOf(inputs[0]!), imageShape));
      return nodes.push({ layer, inputs }) - 1;
    },
    network: (outputs) => ({ nodes, shapes, imageShape, outputs }),
  };
};

const outputShape = (layer: Layer, input: Shape, image: Shape): Shape => {
  const [height, width, channels] = input as readonly [number, number, number];
  switch (layer.kind) {
    case 'convolution':
      return [convolvedSize(height, layer.geometry), convolvedSize(width, layer.geometry), layer.outChannels];
    case 'maxPool': {
      const { size: kernel, stride, padding } = layer.geometry;
      const sides = [height, width].map((side) => convolvedSize(side, { kernel, stride, padding }));
      if (sides.some((side) => side < 1))
        throw new InputError(
          `images of ${image[0]}x${image[1]} are too small for this model: nothing is left to pool`,
        );
      return [...sides, channels];
    }
    case 'globalAveragePool':
      return [channels];
    case 'flatten':
      return [height * width * channels];
    case 'linear':
      return [layer.outFeatures];
    default:
      return input;
  }
};
