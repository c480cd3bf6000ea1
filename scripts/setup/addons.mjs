import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { cacheFolder } from './cache-folder.mjs';
import { compiledLevels } from './kernel-levels.mjs';

/** A checkout has npm's lock file; a package that npm installed has none, and nothing is written into it. */
export const isCheckout = (root) => existsSync(join(root, 'package-lock.json'));

/** The addon's sources: of the npm package in a checkout; a package that is installed brings them along (scripts/package.mjs). */
const packageIn = (root) =>
  root === '' || isCheckout(root)
    ? join(root, 'node_modules/@tensorflow/tfjs-node-gpu')
    : join(root, 'dist/tfjs-node-gpu');
const darwin = process.platform === 'darwin';

/**
 * An addon that is compiled against TensorFlow's libraries. `sources(root)` is the folder of its sources, `flags(root)` are the
 * compiler's, `needs` says which compilers do, `groups(names)` are the sources that are compiled together, else each is alone. Where one cannot be
 * compiled that has `without`, set-up says that and goes on.
 */
export const tensorFlowAddon = {
  name: 'tfjs_binding',
  title: "TensorFlow's addon",
  sources: (root) => join(packageIn(root), 'binding'),
  flags: (root) => ['-O2', `-I${packageIn(root)}`],
  needs: 'a compiler for C++17 is needed, GCC 8 or Clang 7 at least, or set CXX to another',
  without: null,
};

/** Settings that TensorFlow's C API lacks: the log level and TF32. It is not linked with the library that it loads. */
const frameworkAddon = {
  name: 'gcnc_framework',
  title: "the addon for TensorFlow's settings",
  sources: (root) => join(root, 'src/backend/framework'),
  flags: () => ['-O2'],
  needs: 'a compiler for C++17 is needed, GCC 8 or Clang 7 at least, or set CXX to another',
  without: 'TensorFlow prints two lines about oneDNN, and a GPU does nothing',
  linksNothing: true,
};

/** Those of the kernels' sources that know TensorFlow or Node. */
export const isGlue = (name) => /(-ops?|register)\.cc$/.test(name);

/** One for each instruction set, from the same sources; the fastest that the processor has is loaded (src/backend/own-kernels.ts). */
const kernelsAddon = ({ name, title, compilerFlags }) => ({
  name: `gcnc_kernels_${name}`,
  title: `gcnc's own kernels for ${title}`,
  sources: (root) => join(root, 'src/backend/native'),
  // The headers take most of the time: a group reads them once. Its sources share their anonymous namespaces.
  groups: (names) =>
    [names.filter((name) => !isGlue(name)), names.filter(isGlue)].filter((group) => group.length > 0),
  flags: () => ['-O3', ...compilerFlags],
  needs: 'GCC 10 or Clang 9 at least is needed, or set CXX to another',
  without: 'slower ones do the work',
});

/** The addons of this platform, the one that set-up cannot do without first. */
export const addons = [tensorFlowAddon, frameworkAddon, ...compiledLevels(process.arch).map(kernelsAddon)];

/** Where the compiled addons belong: beside the npm package's own in a checkout, else in the cache, by the package's place. */
export const addonFolder = (root, env) =>
  isCheckout(root) ? join(packageIn(root), 'lib/napi-v8') : installFolder(root, env);

/** What set-up keeps for a package that is installed at `root`. */
export const installFolder = (root, env) =>
  join(cacheFolder(env), 'installed', createHash('sha256').update(resolve(root)).digest('hex').slice(0, 16));

/** Where a compiled addon belongs, and the record beside them of what they were made from. */
export const addonPath = (folder, { name }) => join(folder, `${name}.node`);
export const recordPath = (folder) => join(folder, 'gcnc-setup.json');

/** The compiler's arguments for any of an addon's groups. */
export const compileArguments = (root, addon, { folder }) => [
  ...['-std=c++17', '-fPIC', '-DNAPI_VERSION=8', ...addon.flags(root)],
  ...[`-I${folder}/include`, `-I${nodeHeaders(root)}`],
];

const nodeHeaders = (root) =>
  root === '' || isCheckout(root)
    ? `${root}/node_modules/node-api-headers/include`
    : join(dirname(createRequire(join(root, 'gcnc')).resolve('node-api-headers/package.json')), 'include');

/** Those that follow its objects when they are linked. */
export const linkArguments = (addon, { folder, libraries, cudaFolders }) =>
  addon.linksNothing
    ? [...(darwin ? ['-undefined', 'dynamic_lookup'] : ['-ldl'])]
    : [
        ...(darwin ? ['-undefined', 'dynamic_lookup'] : []),
        ...Object.keys(libraries).map((name) => (darwin ? join(folder, name) : `-l:${name}`)),
        ...[`-L${folder}`, ...[folder, ...cudaFolders].map((path) => `-Wl,-rpath,${path}`), '-lpthread'],
        // TensorFlow's own libraries look in ../nvidia, where they are unpacked; DT_RPATH holds for any that do not.
        ...(cudaFolders.length > 0 ? ['-Wl,--disable-new-dtags'] : []),
      ];

/** The names of an addon's sources in groups, one object each. */
export function groupsOf(root, addon) {
  const names = filesOf(root, addon).filter((name) => name.endsWith('.cc'));
  return addon.groups === undefined ? names.map((name) => [name]) : addon.groups(names);
}

/** The compiler's arguments for a group: it takes its sources for one, the last, which includes the others. */
export const groupArguments = (paths) => [
  ...paths.slice(0, -1).flatMap((path) => ['-include', path]),
  ...['-c', paths.at(-1)],
];

/** Names an addon: its sources and groups, the compiler's arguments and the libraries' sizes. The same key, the same addon. */
export function addonKey(root, addon, tensorflow) {
  const hash = createHash('sha256');
  for (const name of filesOf(root, addon))
    hash.update(name).update(readFileSync(join(addon.sources(root), name)));
  const args = [
    groupsOf(root, addon),
    compileArguments('', addon, tensorflow),
    linkArguments(addon, tensorflow),
  ];
  return hash.update(JSON.stringify([args, tensorflow.libraries, process.arch])).digest('hex');
}

const filesOf = (root, addon) =>
  readdirSync(addon.sources(root))
    .filter((name) => /\.(cc|h)$/.test(name))
    .sort();
