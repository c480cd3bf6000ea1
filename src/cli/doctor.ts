import { resolve } from 'node:path';
import { Command } from 'commander';
import { cacheFolder } from '../../scripts/setup/cache-folder.mjs';
import { type DataState, describeData } from '../doctor/data-sets.ts';
import { describeMachine, type Machine } from '../doctor/machine.ts';
import { findProblems, type Problem } from '../doctor/problems.ts';
import { describeTensorFlow, type TensorFlowState } from '../doctor/tensorflow-state.ts';
import { findTools, type Tools } from '../doctor/tools.ts';

interface Findings {
  /** Whether a run can start. */
  readonly runnable: boolean;
  readonly node: string;
  readonly tools: Tools;
  readonly tensorflow: TensorFlowState;
  readonly machine: Machine;
  readonly data: DataState;
  readonly cacheFolder: string;
  readonly problems: readonly Problem[];
}

/** `gcnc doctor`: exit code 0 where a run can start, 1 where something must be done first. */
export const doctorCommand = (): Command =>
  new Command('doctor')
    .description('What is installed, which device is used, what is missing and what to do')
    .option('--json', 'one JSON object on standard output')
    .action(({ json }: { json?: boolean }) => {
      const findings = examine(process.env);
      process.stdout.write(json ? `${JSON.stringify(findings)}\n` : findingsText(findings));
      process.exitCode = findings.runnable ? 0 : 1;
    });

function examine(env: NodeJS.ProcessEnv): Findings {
  const tools = findTools(env);
  const tensorflow = describeTensorFlow(env);
  const problems = findProblems(tensorflow, tools);
  return {
    runnable: !problems.some(({ fatal }) => fatal),
    node: process.version,
    tools,
    tensorflow,
    machine: describeMachine(),
    data: describeData(env),
    cacheFolder: resolve(cacheFolder(env)),
    problems,
  };
}

function findingsText({ node, tools, tensorflow, machine, data, ...findings }: Findings): string {
  const rows: readonly (readonly [name: string, value: string])[] = [
    ['Node', node],
    ['Python', [tools.python, tools.pip].filter((each) => each !== null).join('; ') || 'none'],
    ['compiler', tools.compiler ?? 'none'],
    ['TensorFlow', tensorFlowText(tensorflow)],
    ['device', tensorflow.device ?? 'none'],
    ['kernels', kernelsText(tensorflow)],
    ['GPUs', tools.gpus?.join('; ') ?? 'none (no nvidia-smi)'],
    ['processor', `${machine.cpu ?? 'unknown'}, ${machine.cores} cores`],
    ['instructions', instructionsText(machine)],
    ['memory', `${gigabytes(machine.memoryBytes)} GB, ${gigabytes(machine.freeMemoryBytes)} GB free`],
    ['data folder', `${data.folder} (GCNC_DATA_DIR)`],
    ['data sets', data.dataSets.map(({ name, present }) => `${name} ${present ? 'yes' : 'no'}`).join(', ')],
    ['cache folder', `${findings.cacheFolder} (GCNC_CACHE_DIR)`],
  ];
  const problems = findings.problems.map(
    ({ what, remedy, fatal }) =>
      `${fatal ? 'missing' : 'note'}: ${what}\n${remedy === null ? '' : `  -> ${remedy}\n`}`,
  );
  const verdict = findings.runnable ? 'ready: gcnc can run\n' : 'not ready\n';
  return `${rows.map(([name, value]) => `${name.padEnd(14)}${value}\n`).join('')}${problems.join('')}${verdict}`;
}

const tensorFlowText = ({ version, setUpFor, libraries }: TensorFlowState): string =>
  `${version ?? 'not loaded'}${setUpFor === null ? '' : `, set up for ${setUpFor}`}${libraries === null ? '' : `, ${libraries}`}`;

const kernelsText = ({ kernels }: TensorFlowState): string => {
  if (kernels === null) return 'none';
  return kernels.kernels === 'gcnc' ? `gcnc's own (${kernels.instructions})` : `TensorFlow's: ${kernels.why}`;
};

const instructionsText = ({ instructionSets }: Machine): string =>
  instructionSets === null
    ? 'unknown'
    : Object.entries(instructionSets)
        .map(([name, present]) => `${name} ${present ? 'yes' : 'no'}`)
        .join(', ');

const gigabytes = (bytes: number): string => (bytes / 1e9).toFixed(1);
