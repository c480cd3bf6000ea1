import { provideAddon, requireCompiler } from './addon.mjs';
import { installPackages, packagesAreThere } from './node-packages.mjs';
import { SetupProblem } from './problem.mjs';
import { keepChoice, tensorFlowInPlace, wantedTensorFlow } from './state.mjs';
import { provideTensorFlow } from './tensorflow.mjs';

/**
 * Brings about what is missing: npm's packages, and where `tensorflow` is set TensorFlow's libraries and its addon. Each step
 * ends in a rename, so an interrupted call leaves nothing that the next one would take for whole. Returns whether anything had to be done.
 * @throws SetupProblem: one line, what is missing and what to do.
 */
export async function provision({ root, env, tensorflow, flags = [] }) {
  requireNode();
  const say = (text) => process.stderr.write(`setup: ${text}\n`);
  const forced = flags.includes('--force');
  let changed = false;
  if (!packagesAreThere(root)) {
    say('npm packages (npm ci)');
    installPackages(root, env);
    changed = true;
  }
  if (!tensorflow) return changed;
  const wanted = wantedTensorFlow(root, env, flags);
  if (!forced && tensorFlowInPlace(root, wanted) !== null) return changed;
  const provided = await provideTensorFlow({
    ...wanted,
    env,
    say,
    beforeFetching: () => requireCompiler(env),
  });
  provideAddon({ root, tensorflow: provided, env, say, forced, record: wanted });
  keepChoice(root, wanted);
  return true;
}

function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 15))
    throw new SetupProblem(`Node 20.15 or newer is needed, and this is ${process.versions.node}`);
}
