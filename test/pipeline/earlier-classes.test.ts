import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readCheckpoint } from '../../src/checkpoint/checkpoint.ts';
import { classesBehind } from '../../src/checkpoint/earlier-classes.ts';
import { runConfigSchema } from '../../src/config/schema.ts';
import { diagnostics } from '../../src/diagnostics.ts';
import { openCheckpoint, openCheckpointSet } from '../../src/on-request/checkpoint-set.ts';
import { refusalOf, root, runOf } from './small-run.ts';

const onGlyphs = (split: string, model: object = {}) =>
  runConfigSchema.parse({
    data: { imageSize: 16, perClass: 6, split },
    model: { name: 'resnet10', width: 4, normalization: 'data', ...model },
    training: { epochs: 0, batchSize: 48 },
    measure: { examples: 8 },
    fewshot: { shots: [1], ways: 3, queries: 3, episodes: 3, readouts: ['nearest-mean'] },
  });
const finalOf = (folder: string) => openCheckpoint(folder).folder;

describe('classes that the first weights were trained on', () => {
  it('are kept through runs, counted by who asks, and warned of by plan and run', async (t) => {
    const { mock } = t.mock.method(diagnostics, 'warn', () => {});
    const said = () => mock.calls.map((call) => String(call.arguments[0])).join('\n');
    const all = await runOf(onGlyphs('none', { normalization: undefined }));
    assert.equal(readCheckpoint(finalOf(all.folder)).state.earlierClasses, undefined);
    const config = onGlyphs('auto', { weights: finalOf(all.folder) });
    assert.equal(await refusalOf(config), null);
    const warning =
      /^target: its classes .* are called like classes that model\.weights was trained on; where they are the same/m;
    assert.match(said(), warning);
    mock.resetCalls();
    const second = await runOf(config);
    assert.match(said(), warning);
    assert.match(
      said(),
      /^model\.weights: the classifier of \S+ is drawn anew: the checkpoint has 40 classes/m,
    );
    const third = openCheckpoint((await runOf(onGlyphs('auto', { weights: finalOf(second.folder) }))).folder);
    assert.deepEqual(classesBehind(third), {
      classNames: readCheckpoint(finalOf(all.folder)).state.classNames,
      complete: true,
    });
    const asked = await openCheckpointSet(third, {}, { GCNC_DATA_DIR: root }, 'target');
    assert.equal(asked.sharedClasses, asked.set.classNames.length);
    assert.match(String(asked.noTransfer), /are called like classes that the network was trained on/);
    assert.doesNotMatch(String(asked.noTransfer), /^the network/);
    const { earlierClasses: _, ...old } = third.state;
    const former = await openCheckpointSet({ ...third, state: old }, {}, {}, 'target');
    assert.deepEqual([former.sharedClasses, former.noTransfer], [null, null]);
  });
});
