import { existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import {
  addonFolder,
  addonKey,
  addonPath,
  addons,
  installFolder,
  isCheckout,
  recordPath,
  tensorFlowAddon,
} from './addons.mjs';
import { partialName } from './cache-folder.mjs';
import { compilerIn } from './compile-addon.mjs';
import { SetupProblem } from './problem.mjs';

/** What was asked for last stays until something else is asked for; outside node_modules, which `npm ci` empties. */
const choicePath = (root, env) =>
  join(isCheckout(root) ? join(root, '.cache') : installFolder(root, env), 'tensorflow-choice');

/** Which TensorFlow is wanted: {device: 'cpu' | 'gpu', source: a path or null}, from flags, variables, and the last choice. */
export function wantedTensorFlow(root, env, flags = []) {
  const last = readJson(choicePath(root, env));
  const asked = flags.includes('--gpu') ? '1' : flags.includes('--cpu') ? '0' : (env.GCNC_GPU ?? '');
  if (!['', '0', '1'].includes(asked)) throw new SetupProblem(`GCNC_GPU is ${asked}; allowed are 1 and 0`);
  const device = asked === '' ? (last?.device ?? 'cpu') : asked === '1' ? 'gpu' : 'cpu';
  const source = env.GCNC_TENSORFLOW ? resolve(env.GCNC_TENSORFLOW) : null;
  const lastSource = device === last?.device && last.source && existsSync(last.source) ? last.source : null;
  return { device, source: source ?? lastSource };
}

export function keepChoice(root, wanted, env) {
  const path = choicePath(root, env);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(partialName(path), `${JSON.stringify(wanted)}\n`);
  renameSync(partialName(path), path);
}

/** What set-up recorded, if TensorFlow's libraries and its addon are whole, fit each other, and are the ones wanted; else null. */
export function tensorFlowInPlace(root, wanted, env) {
  const record = readJson(recordPath(addonFolder(root, env)));
  if (record === null || record.device !== wanted.device || record.source !== wanted.source) return null;
  const whole = Object.entries(record.libraries).every(
    ([name, size]) => statSync(join(record.folder, name), { throwIfNoEntry: false })?.size === size,
  );
  return whole && isInPlace(root, tensorFlowAddon, record, env) ? record : null;
}

/** Whether all addons fit the sources as they are now. One that this compiler could not compile counts as done. */
export const addonsInPlace = (root, record, env) =>
  addons.every(
    (addon) =>
      isInPlace(root, addon, record, env) ||
      (record.addons[addon.name]?.failure?.compiler === compilerIn(env) && isCurrent(root, addon, record)),
  );

const isInPlace = (root, addon, record, env) =>
  existsSync(addonPath(addonFolder(root, env), addon)) && isCurrent(root, addon, record);

const isCurrent = (root, addon, record) => record.addons?.[addon.name]?.key === addonKey(root, addon, record);

function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return null;
  }
}
