import type { ExampleComplexity } from './estimate.ts';

/** Beyond this the examples differ so little that more probes are as good as more examples. */
const most = 16;

/**
 * Probes per example that give the smallest variance for the same work: sqrt(W / B) where a forward pass costs as much as a probe
 * (two-stage sampling, Cochran 1977, eq. 10.29), with W the variance over probes within an example and B that between examples.
 * From a pilot of two probes per example or more; 1 for most networks.
 */
export const chooseProbes = (pilot: readonly ExampleComplexity[], probesOfPilot: number): number => {
  const n = pilot.length;
  const mean = pilot.reduce((sum, { value }) => sum + value, 0) / n;
  const spread = pilot.reduce((sum, { value }) => sum + (value - mean) ** 2, 0) / (n - 1);
  const ofMean = pilot.reduce((sum, { probeVariance }) => sum + (probeVariance ?? 0), 0) / n;
  const within = ofMean * probesOfPilot;
  const between = spread - ofMean;
  if (within === 0) return 1;
  if (between <= 0) return most;
  return Math.min(most, Math.max(1, Math.round(Math.sqrt(within / between))));
};
