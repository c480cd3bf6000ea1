import { setupRemedy } from '../backend/setup-remedy.ts';
import type { TensorFlowState } from './tensorflow-state.ts';
import type { Tools } from './tools.ts';

export interface Problem {
  readonly what: string;
  /** null where `what` says it already. */
  readonly remedy: string | null;
  /** Whether runs are impossible until it is solved. */
  readonly fatal: boolean;
}

/** What is missing and what to do, the most pressing first. Tools count only while set-up still needs them. */
export function findProblems(tensorflow: TensorFlowState, tools: Tools): readonly Problem[] {
  const problems: Problem[] = [];
  if (tensorflow.error !== null) problems.push({ what: tensorflow.error, remedy: null, fatal: true });
  if (tensorflow.error !== null && tensorflow.libraries === null) {
    if (tools.compiler === null)
      problems.push({
        what: 'no C++ compiler',
        remedy: 'install one (Debian: apt-get install g++), or set CXX',
        fatal: true,
      });
    if (tools.pip === null)
      problems.push({
        what: tools.python === null ? 'no python3' : 'python3 has no pip',
        remedy:
          'install it (Debian: apt-get install python3 python3-pip), or see GCNC_TENSORFLOW in docs/setup.md',
        fatal: true,
      });
  }
  if (tensorflow.kernels !== null && tensorflow.kernels.remedy !== null)
    problems.push({
      what: "without gcnc's own kernels runs are slower",
      remedy: tensorflow.kernels.remedy,
      fatal: false,
    });
  if (tensorflow.missingCudaLibraries.length > 0)
    problems.push({
      what: `set up for a GPU, but not found: ${tensorflow.missingCudaLibraries.join(', ')}`,
      remedy: tensorflow.missingCudaLibraries.includes('libcuda.so.1')
        ? `install NVIDIA's driver; or ${setupRemedy('--cpu')}`
        : setupRemedy('--gpu'),
      fatal: false,
    });
  if (tools.gpus !== null && tensorflow.setUpFor === 'cpu')
    problems.push({
      what: 'there is a GPU, and TensorFlow is set up for the CPU',
      remedy: setupRemedy('--gpu'),
      fatal: false,
    });
  return problems;
}
