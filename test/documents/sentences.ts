/** A word of a link's or a code's place: its own words are not prose. */
const code = 'CODE';

/** The paragraphs and list items of a Markdown page, without code, tables, headings, images and comments. */
function paragraphsOf(markdown: string): readonly string[] {
  const paragraphs: string[] = [];
  let open: string[] = [];
  let [afterBlank, inCode] = [true, false];
  const close = (): void => {
    if (open.length > 0) paragraphs.push(open.join(' '));
    open = [];
  };
  for (const line of markdown.replace(/```.*?```|<!--.*?-->/gs, '\n').split('\n')) {
    const isBlank = line.trim() === '';
    inCode = /^( {4}|\t)/.test(line) && (afterBlank || inCode);
    if (isBlank || inCode || /^\s*[|#]/.test(line)) close();
    else {
      if (/^\s*([-*]|\d+\.) /.test(line)) close();
      open.push(line.replace(/^\s*([-*]|\d+\.) /, '').trim());
    }
    afterBlank = isBlank;
  }
  close();
  return paragraphs;
}

const wordsIn = (text: string): number => text.split(/\s+/).filter((word) => /[\p{L}\d]/u.test(word)).length;

/** The stretches of prose between full stops, colons and semicolons that have more words than `most`. Code and links to files count one word. */
export const longStretches = (markdown: string, most: number): readonly string[] =>
  paragraphsOf(markdown)
    .flatMap((paragraph) =>
      paragraph
        .replace(/!\[[^\]]*\]\([^)]*\)/g, '')
        .replace(/\[([^\]]*)\]\([^)]*\)/g, (_, text: string) => (/[/.]/.test(text) ? code : text))
        .replace(/`[^`]*`/g, code)
        .replaceAll('**', '')
        .split(/(?<=[.!?]["”')]*)\s+(?=["'([_*]*[\p{Lu}\d]|gcnc )|(?<=[:;])\s+/u),
    )
    .filter((stretch) => wordsIn(stretch) > most);
