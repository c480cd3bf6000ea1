/**
 * One line for people where a checkpoint is asked about its own data set, and that is no longer what the network was trained on;
 * nothing else. The images then are not those that it saw, and no accuracy or loss on them is one of training.
 */
export const changedDataNote = (dataMatchesTraining: boolean | null, data: string): string =>
  dataMatchesTraining === false
    ? `note: ${data} is not the data that this network was trained on: images, labels or class split have changed since\n`
    : '';
