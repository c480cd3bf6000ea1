import { finalMean, type Results } from '../aggregate.ts';
import { chainOf } from '../chain.ts';
import { conclusionOf } from '../conclusion.ts';
import { equalLossOf, meanAtLoss } from '../equal-loss.ts';
import { atEnd, type Moment } from '../moment.ts';
import { predictorsOf } from '../predictor-runs.ts';
import { problemsOf } from '../problems.ts';
import { storedUnit } from '../quantities.ts';
import { trendsOf } from '../trends.ts';

/**
 * The results as plain data: `configurations` with mean, n and half-width over seeds by quantity, `trends` with correlations,
 * `chain` with what Holm's correction leaves of its links, `equalLoss` with the same three at one training loss,
 * `predictors` with what ranks few-shot accuracy, `runs` with state,
 * config, final values and all checkpoints. Accuracies are fractions here. Undefined is null.
 */
export function resultsJson(results: Results, atLoss?: number) {
  const { sweep, variedKeys, quantities, configurations, finished } = results;
  const ofRun = new Map(finished.map((each) => [each.run, each]));
  return {
    sweep: sweep.name,
    folder: sweep.folder,
    variedKeys,
    quantities: quantities.map(({ id, label, longLabel, ...rest }) => ({
      id,
      label: longLabel ?? label,
      unit: storedUnit(rest),
    })),
    configurations: configurations.map((configuration) => ({
      parameters: configuration.parameters,
      planned: configuration.runs.length,
      finished: configuration.finished.length,
      values: Object.fromEntries(quantities.map((each) => [each.id, finalMean(configuration, each)])),
    })),
    ...relations(results, atEnd),
    equalLoss: equalLossJson(results, atLoss),
    predictors: predictorsOf(results),
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

/** The correlations at one moment, and the chain of them with values corrected for its links. */
function relations(results: Results, moment: Moment) {
  const trends = trendsOf(results, moment);
  const chain = chainOf(results, trends);
  const { verdict, head, rest } = conclusionOf(chain);
  const links = chain.map((link) => {
    const own = trends.find(({ fromId, toId }) => fromId === link.fromId && toId === link.toId);
    const { fromId, toId, configurations } = link;
    return {
      fromId,
      toId,
      configurations,
      p: own?.overMeans?.p ?? null,
      pHolm: link.overMeans?.p ?? null,
      verdict: link.verdict,
    };
  });
  return { trends, chain: { correction: 'holm', verdict, sentence: `${head}${rest}`, links } };
}

/** `because` where there is no common loss. Half-widths hold the seeds' interval and `interpolation`, which is given beside it. */
function equalLossJson(results: Results, atLoss: number | undefined) {
  const equal = equalLossOf(results, atLoss);
  const { loss, chosen, passed, leftOut } = equal;
  if (loss === null) return { loss, because: 'no training loss falls between two checkpoints' };
  return {
    loss,
    chosen,
    runs: [...passed].map(([{ run }, { epoch, step }]) => ({ name: run.name, epoch, step })),
    leftOut: leftOut.map(({ run: { run }, because }) => ({ name: run.name, because })),
    configurations: results.configurations.map((configuration) => ({
      parameters: configuration.parameters,
      values: Object.fromEntries(
        results.quantities.map((each) => [each.id, meanAtLoss(configuration, equal, each)]),
      ),
    })),
    ...relations(results, equal.moment),
  };
}
