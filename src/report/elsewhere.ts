import { measureRows } from '../measures/measure-rows.ts';
import type { CheckpointLine } from '../pipeline/records.ts';
import {
  type FewshotPlace,
  fewshotPlaces,
  type MeasuredPlace,
  measuredPlaces,
  type Place,
} from './measured-places.ts';
import { fitsOf, type Quantity } from './quantities.ts';

/** A quantity at another layer or on another target than the study's own. */
export interface PlacedQuantity extends Quantity {
  readonly place: Place;
  /** The same for what is compared between layers, such as `cdnv`. */
  readonly what: string;
  /** The label without the place. */
  readonly whatLabel: string;
}

const setLabels: Readonly<Record<string, string>> = { sourceTrain: 'source', sourceTest: 'source test' };
export const setLabel = (set: string): string => setLabels[set] ?? set;
const labelOf = ({ set, layer }: Place): string =>
  layer === 'embedding' ? setLabel(set) : `${setLabel(set)} ${layer}`;

const at =
  (place: Place) =>
  (each: Place): boolean =>
    each.set === place.set && each.layer === place.layer;
const measuredAt = (checkpoint: CheckpointLine, place: Place): MeasuredPlace | undefined =>
  measuredPlaces(checkpoint).find(at(place));
const fewshotAt = (checkpoint: CheckpointLine, place: Place): FewshotPlace | undefined =>
  fewshotPlaces(checkpoint).find(at(place));

/** Sets that stand elsewhere, each with its layers in the order of the records; the embedding where it is measured. */
export function placesOf(checkpoints: readonly CheckpointLine[]): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, Set<string>>();
  for (const { elsewhere, measures } of checkpoints)
    for (const { set, layer } of [...(elsewhere?.measures ?? []), ...(elsewhere?.fewshot ?? [])]) {
      const layers = found.get(set) ?? new Set();
      found.set(set, layers.add(layer));
      if (measures.some(({ split }) => split === set)) layers.add('embedding');
    }
  return new Map([...found].map(([set, layers]) => [set, embeddingLast([...layers])]));
}

const embeddingLast = (layers: readonly string[]): readonly string[] =>
  layers.toSorted((a, b) => Number(a === 'embedding') - Number(b === 'embedding'));

/** What the report shows of one place: geometric complexity, the rows that it shows of the source, accuracies. */
export function quantitiesAt(
  checkpoints: readonly CheckpointLine[],
  place: Place,
): readonly PlacedQuantity[] {
  const quantity = (
    what: string,
    whatLabel: string,
    rest: Pick<Quantity, 'unit' | 'factor' | 'logarithmic' | 'read' | 'isRecorded' | 'readFits'>,
  ): PlacedQuantity => ({
    id: `at_${safe(place.set)}_${safe(place.layer)}_${what}`,
    label: `${labelOf(place)} ${whatLabel}`,
    ...{ place, what, whatLabel, ...rest },
  });
  const ofMeasured = (read: (measured: MeasuredPlace) => number | null) => (checkpoint: CheckpointLine) => {
    const measured = measuredAt(checkpoint, place);
    return measured === undefined ? null : read(measured);
  };
  const isRecorded = (checkpoint: CheckpointLine): boolean => measuredAt(checkpoint, place) !== undefined;
  const complexity = (read: Quantity['read']) =>
    ({ unit: `${place.layer}² / input²`, factor: 1, logarithmic: true, read, isRecorded }) as const;
  const hasUnpooled = checkpoints.some(
    (checkpoint) => measuredAt(checkpoint, place)?.geometricComplexityUnpooled !== undefined,
  );
  const measured = checkpoints.some((checkpoint) => measuredAt(checkpoint, place) !== undefined)
    ? [
        quantity('gc', 'GC', complexity(ofMeasured((each) => each.geometricComplexity.value))),
        ...(hasUnpooled
          ? [
              quantity(
                'gcUnpooled',
                'GC, unpooled',
                complexity(ofMeasured((each) => each.geometricComplexityUnpooled?.value ?? null)),
              ),
            ]
          : []),
        ...measureRows
          .filter(({ inReport }) => inReport)
          .map(({ key, label, unit, logarithmic }) =>
            quantity(key, label, {
              ...{ unit, logarithmic, factor: 1, isRecorded },
              read: ofMeasured((each) => each.neuralCollapse[key]),
            }),
          ),
      ]
    : [];
  const accuracies = new Map<string, PlacedQuantity>();
  for (const checkpoint of checkpoints) {
    const record = fewshotAt(checkpoint, place);
    for (const { shots, readout } of record?.results ?? []) {
      const { ways } = record!;
      const what = `${ways}way_${shots}shot_${readout}`;
      const resultOf = (line: CheckpointLine) => {
        const found = fewshotAt(line, place);
        if (found?.ways !== ways) return undefined;
        return found.results.find((each) => each.shots === shots && each.readout === readout);
      };
      const percent = { unit: '%', factor: 100, logarithmic: false } as const;
      const read: Quantity['read'] = (line) => resultOf(line)?.accuracy ?? null;
      const isAsked: Quantity['isRecorded'] = (line) => resultOf(line) !== undefined;
      const readFits: Quantity['readFits'] = (line) => {
        const found = fewshotAt(line, place);
        return found === undefined ? null : fitsOf(found, resultOf(line));
      };
      const label = `${ways}-way ${shots}-shot, ${readout}`;
      accuracies.set(what, quantity(what, label, { ...percent, read, readFits, isRecorded: isAsked }));
    }
  }
  return [...measured, ...accuracies.values()];
}

/** All that stands elsewhere; what the study's own quantities show already is not repeated. */
export const elsewhereQuantities = (checkpoints: readonly CheckpointLine[]): readonly PlacedQuantity[] => {
  const all = [...placesOf(checkpoints)].flatMap(([set, layers]) =>
    layers.flatMap((layer) => {
      const quantities = quantitiesAt(checkpoints, { set, layer });
      if (layer !== 'embedding' || !ownSets.has(set)) return quantities;
      const isFewshotHere = checkpoints.some(
        (checkpoint) => fewshotAt(checkpoint, { set, layer })?.isOwn === false,
      );
      return isFewshotHere ? quantities.filter(({ unit }) => unit === '%') : [];
    }),
  );
  // Two names that differ in signs only would be one column.
  const met = new Map<string, number>();
  return all.map((each) => {
    const times = (met.get(each.id) ?? 0) + 1;
    met.set(each.id, times);
    return times === 1 ? each : { ...each, id: `${each.id}_${times}` };
  });
};

const ownSets = new Set(['sourceTrain', 'sourceTest', 'target', 'validation']);
const safe = (name: string): string => name.replaceAll(/[^A-Za-z0-9]+/g, '_');
