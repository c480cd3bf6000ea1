/** The user's input is wrong: printed as one line, exit code 2. The message says what, where, and what is allowed. */
export class InputError extends Error {
  override readonly name = 'InputError';
}
