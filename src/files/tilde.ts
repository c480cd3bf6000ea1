/** A path that only a shell expands, such as `~/data` or `~user/data`. */
export const isTildePath = (path: string): boolean => /^~[\w-]*(\/|$)/.test(path);

export const tildeMessage = (path: string): string =>
  `${path} begins with ~, which only a shell expands; write the whole path`;
