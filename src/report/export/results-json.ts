import { finalMean, type Results } from '../aggregate.ts';
import { problemsOf } from '../problems.ts';
import { trendsOf } from '../trends.ts';

/**
 * The results as plain data: `configurations` with mean, n and half-width over seeds by quantity, `trends` with correlations,
 * `runs` with state, config, final values and all checkpoints. Accuracies are fractions here. Undefined is null.
 */
export function resultsJson(results: Results) {
  const { sweep, variedKeys, quantities, configurations, finished } = results;
  const ofRun = new Map(finished.map((each) => [each.run, each]));
  return {
    sweep: sweep.name,
    folder: sweep.folder,
    variedKeys,
    quantities: quantities.map(({ id, label, longLabel, unit }) => ({ id, label: longLabel ?? label, unit })),
    configurations: configurations.map((configuration) => ({
      parameters: configuration.parameters,
      planned: configuration.runs.length,
      finished: configuration.finished.length,
      values: Object.fromEntries(quantities.map((each) => [each.id, finalMean(configuration, each)])),
    })),
    trends: trendsOf(results),
    runs: sweep.runs.map((run) => ({
      name: run.name,
      folder: run.folder,
      state: run.state,
      reason: run.reason,
      config: run.config,
      underTrained: ofRun.get(run)?.underTrained ?? null,
      final: ofRun.get(run)?.final ?? null,
      epochs: run.epochs,
      checkpoints: run.checkpoints,
      problems: run.problems,
    })),
    problems: problemsOf(results),
  };
}
