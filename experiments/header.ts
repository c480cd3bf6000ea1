const line = /^# ([A-Z][A-Za-z0-9 ]*): +(\S.*)$/;
const continued = /^# {3,}(\S.*)$/;

/** The comment that a config opens with, `# Word: text` with lines that go on below the text, as texts by their words. */
export function headerOf(text: string): ReadonlyMap<string, string> {
  const header = new Map<string, string>();
  let last: string | undefined;
  for (const each of text.split(/\r?\n/)) {
    if (!each.startsWith('#')) break;
    const [, word, first] = line.exec(each) ?? [];
    const [, more] = continued.exec(each) ?? [];
    if (word !== undefined) header.set(word, first!.trim());
    else if (more !== undefined && last !== undefined) header.set(last, `${header.get(last)} ${more.trim()}`);
    last = word ?? last;
  }
  return header;
}
