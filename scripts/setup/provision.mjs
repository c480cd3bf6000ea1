import { isCheckout } from './addons.mjs';
import { requireCompiler } from './compile-addon.mjs';
import { installPackages, packagesAreThere } from './node-packages.mjs';
import { SetupProblem } from './problem.mjs';
import { provideAddons } from './provide-addons.mjs';
import { addonsInPlace, keepChoice, tensorFlowInPlace, wantedTensorFlow } from './state.mjs';
import { provideTensorFlow } from './tensorflow.mjs';

/**
 * Brings about what is missing: npm's packages, and where `tensorflow` is set TensorFlow's libraries, its addon and gcnc's own
 * kernels. Each step ends in a rename, so an interrupted call leaves nothing that the next one would take for whole. Returns
 * whether anything had to be done, and the failures ({what, remedy}) of earlier calls that this one has not tried again.
 * @throws SetupProblem: one line, what is missing and what to do.
 */
export async function provision({ root, env, tensorflow, flags = [] }) {
  requireNode();
  const say = (text) => process.stderr.write(`setup: ${text}\n`);
  const forced = flags.includes('--force');
  let changed = false;
  if (isCheckout(root) && !packagesAreThere(root)) {
    say('npm packages (npm ci)');
    installPackages(root, env);
    changed = true;
  }
  if (!tensorflow) return { changed, lacking: [] };
  const wanted = wantedTensorFlow(root, env, flags);
  const inPlace = forced ? null : tensorFlowInPlace(root, wanted, env);
  if (inPlace !== null && addonsInPlace(root, inPlace, env)) return { changed, lacking: failuresIn(inPlace) };
  const provided = await provideTensorFlow({
    ...wanted,
    env,
    say,
    beforeFetching: () => requireCompiler(env),
  });
  await provideAddons({ root, tensorflow: provided, env, say, forced, record: wanted });
  keepChoice(root, wanted, env);
  return { changed: true, lacking: [] };
}

const failuresIn = (record) =>
  Object.values(record.addons)
    .map(({ failure }) => failure)
    .filter((failure) => failure !== null);

function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 15))
    throw new SetupProblem(`Node 20.15 or newer is needed, and this is ${process.versions.node}`);
}
