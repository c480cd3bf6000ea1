import { existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { addonKey, addonPath, recordPath } from './addon.mjs';
import { partialName } from './cache-folder.mjs';
import { SetupProblem } from './problem.mjs';

/** What was asked for last stays until something else is asked for; outside node_modules, which `npm ci` empties. */
const choicePath = (root) => join(root, '.cache/tensorflow-choice');

/** Which TensorFlow is wanted: {device: 'cpu' | 'gpu', source: a path or null}, from flags, variables, and the last choice. */
export function wantedTensorFlow(root, env, flags = []) {
  const last = readJson(choicePath(root));
  const asked = flags.includes('--gpu') ? '1' : flags.includes('--cpu') ? '0' : (env.GCNC_GPU ?? '');
  if (!['', '0', '1'].includes(asked)) throw new SetupProblem(`GCNC_GPU is ${asked}; allowed are 1 and 0`);
  const device = asked === '' ? (last?.device ?? 'cpu') : asked === '1' ? 'gpu' : 'cpu';
  const source = env.GCNC_TENSORFLOW ? resolve(env.GCNC_TENSORFLOW) : null;
  const lastSource = device === last?.device && last.source && existsSync(last.source) ? last.source : null;
  return { device, source: source ?? lastSource };
}

export function keepChoice(root, wanted) {
  const path = choicePath(root);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(partialName(path), `${JSON.stringify(wanted)}\n`);
  renameSync(partialName(path), path);
}

/** The record of the addon in node_modules if it is whole, made from what is there, and the one wanted; else null. */
export function tensorFlowInPlace(root, wanted) {
  const record = readJson(recordPath(root));
  if (record === null || record.device !== wanted.device || record.source !== wanted.source) return null;
  const whole = Object.entries(record.libraries).every(
    ([name, size]) => statSync(join(record.folder, name), { throwIfNoEntry: false })?.size === size,
  );
  if (!whole || !existsSync(addonPath(root))) return null;
  return record.key === addonKey(root, record) ? record : null;
}

function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return null;
  }
}
