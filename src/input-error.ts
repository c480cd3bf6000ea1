/** What kind of mistake: for programs that read `--json`. */
export type InputErrorCode = 'unknown-key' | 'bad-value' | 'missing-value' | 'not-yaml' | 'no-such-file';

export interface InputErrorDetails {
  readonly code?: InputErrorCode;
  /** The dotted key of a config. */
  readonly key?: string;
}

/** The user's input is wrong: printed as one line, exit code 2. The message says what, where, and what is allowed. */
export class InputError extends Error {
  override readonly name = 'InputError';
  readonly details: InputErrorDetails;

  constructor(message: string, details: InputErrorDetails = {}) {
    super(message);
    this.details = details;
  }
}
