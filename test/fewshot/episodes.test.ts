import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatEpisodes, parseEpisodes } from '../../src/fewshot/episode-file.ts';
import { drawEpisodes, type EpisodeList } from '../../src/fewshot/episodes.ts';
import { inputErrorOf } from '../config/scratch.ts';

const options = { ways: 4, shots: 3, queries: 5, episodes: 60, seed: 11 };
const sizes = [8, 9, 20, 8, 30, 12];

const slots = ({ classes, members, ways, queries, shots }: EpisodeList) =>
  Array.from(classes, (label, slot) => {
    const all = [...members.subarray(slot * (queries + shots), (slot + 1) * (queries + shots))];
    return {
      episode: Math.floor(slot / ways),
      label,
      query: all.slice(0, queries),
      support: all.slice(queries),
    };
  });

test('an episode has different classes, and no support that is a query', () => {
  const drawn = slots(drawEpisodes(options, sizes));
  assert.equal(drawn.length, 240);
  for (let episode = 0; episode < 60; episode++) {
    const labels = drawn.filter((slot) => slot.episode === episode).map(({ label }) => label);
    assert.equal(new Set(labels).size, 4);
  }
  for (const { label, query, support } of drawn) {
    assert.equal(new Set([...query, ...support]).size, 8);
    assert.ok([...query, ...support].every((position) => position >= 0 && position < sizes[label]!));
  }
});

test('the same seed draws the same list, another seed another one', () => {
  const text = (seed: number) => formatEpisodes(drawEpisodes({ ...options, seed }, sizes));
  assert.equal(text(11), text(11));
  assert.notEqual(text(11), text(12));
});

test('fewer shots keep the queries and a part of the support; fewer episodes are the first ones', () => {
  const long = slots(drawEpisodes(options, sizes));
  const fewerShots = slots(drawEpisodes({ ...options, shots: 1 }, sizes));
  assert.deepEqual(
    fewerShots,
    long.map((slot) => ({ ...slot, support: slot.support.slice(0, 1) })),
  );
  assert.deepEqual(slots(drawEpisodes({ ...options, episodes: 7 }, sizes)), long.slice(0, 28));
});

test("a class's draw does not depend on the sizes of the others", () => {
  const before = slots(drawEpisodes(options, sizes));
  const after = slots(drawEpisodes(options, [...sizes.slice(0, 5), 500]));
  const without = (drawn: typeof before) => drawn.filter(({ label }) => label !== 5);
  assert.deepEqual(without(after), without(before));
});

test('classes and examples are drawn equally often', () => {
  const list = drawEpisodes({ ways: 2, shots: 1, queries: 1, episodes: 6000, seed: 0 }, [4, 4, 4]);
  const classCounts = [0, 0, 0];
  const supportCounts = [0, 0, 0, 0];
  for (const { label, support } of slots(list)) {
    classCounts[label]! += 1;
    supportCounts[support[0]!]! += 1;
  }
  // Chi-square at 1e-6 with 2 and 3 degrees of freedom is 27.6 and 30.7; without replacement it is smaller still.
  const chiSquare = (counts: number[]) => {
    const expected = 12000 / counts.length;
    return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  };
  assert.ok(chiSquare(classCounts) < 27.6, classCounts.join());
  assert.ok(chiSquare(supportCounts) < 30.7, supportCounts.join());
});

test('classes too few or too small are refused with their numbers', () => {
  const refusal = (changed: Partial<typeof options>, names?: readonly string[]) =>
    inputErrorOf(() => drawEpisodes({ ...options, ...changed }, sizes, names));
  assert.equal(refusal({ ways: 7 }), 'few-shot: 7 ways from 6 classes; at least 7 are needed');
  assert.equal(
    refusal({ queries: 6 }, ['ant', 'bee', 'cat', 'dog', 'elk', 'fox']),
    'few-shot: class ant has 8 examples; 3 shots and 6 queries need 9',
  );
  assert.match(refusal({ ways: 1 }), /^few-shot: 1 way; at least 2 are needed$/);
  for (const key of ['ways', 'shots', 'queries', 'episodes'] as const)
    for (const value of [0, -1, 1.5, Number.NaN])
      assert.equal(
        refusal({ [key]: value }),
        `few-shot: ${key} is ${value}; allowed are whole numbers from 1`,
      );
});

test('exactly enough examples are enough', () => {
  const drawn = slots(drawEpisodes({ ...options, queries: 5 }, [8, 8, 8, 8]));
  for (const { query, support } of drawn)
    assert.deepEqual(
      [...query, ...support].sort((a, b) => a - b),
      [0, 1, 2, 3, 4, 5, 6, 7],
    );
});

test('a saved list is read back whole', () => {
  const list = drawEpisodes(options, sizes);
  assert.deepEqual(parseEpisodes(formatEpisodes(list), 'list.json'), list);
});

test('a list that was changed by hand is refused in one line', () => {
  const list = JSON.parse(formatEpisodes(drawEpisodes(options, sizes)));
  const refusal = (change: (copy: typeof list) => void) => {
    const copy = structuredClone(list);
    change(copy);
    return inputErrorOf(() => parseEpisodes(JSON.stringify(copy), 'list.json'));
  };
  assert.equal(
    inputErrorOf(() => parseEpisodes('{', 'list.json')),
    'list.json: is no JSON',
  );
  const whole =
    'list.json: expected 60 episodes of 4 classes with 8 different examples each, within classSizes';
  const { members } = list;
  assert.equal(
    refusal((copy) => {
      copy.members[3][1][0] = members[3][1][7];
    }),
    whole,
    'a support that is a query',
  );
  assert.equal(
    refusal((copy) => {
      copy.classes[0][0] = copy.classes[0][1];
    }),
    whole,
    'a class twice',
  );
  assert.equal(
    refusal((copy) => {
      copy.classes[0][0] = 6;
    }),
    whole,
    'a class that is not there',
  );
  assert.equal(
    refusal((copy) => {
      copy.members[0][0][0] = 1000;
    }),
    whole,
    'an example that is not there',
  );
  assert.equal(
    refusal((copy) => copy.members.pop()),
    whole,
    'an episode too few',
  );
  assert.match(
    refusal((copy) => {
      copy.members[0][0][0] = -1;
    }),
    /^list.json: members.0.0.0: [^\n]+$/,
  );
  assert.match(
    refusal((copy) => {
      copy.extra = 1;
    }),
    /^list.json: episode list: [^\n]*extra/,
  );
});
