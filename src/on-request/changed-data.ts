/**
 * One line for people where a checkpoint is asked about its own data set, and that is no longer what the network was trained on;
 * nothing else. The images then are not those that it saw, and no accuracy or loss on them is one of training. `use` says what the data is for where it is not what was asked about.
 */
export const changedDataNote = (dataMatchesTraining: boolean | null, data: string, use = ''): string =>
  dataMatchesTraining === false
    ? `note: ${data}${use} is not the data that this network was trained on: images, labels or class split have changed since\n`
    : '';
