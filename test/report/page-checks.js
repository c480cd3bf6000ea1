/** Runs in the page: what a reader would see wrong with it. Plain JavaScript, for it is sent to the browser as text. */
globalThis.pageChecks = {
  /** Pairs of texts whose boxes cover each other by more than a pixel or three, as far as they are seen; folds are opened. */
  overlaps() {
    for (const fold of document.querySelectorAll('details')) fold.open = true;
    const boxes = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
      const text = node.textContent.trim();
      const parent = node.parentElement;
      if (text === '' || parent.closest('script, .skip, #live') || !parent.checkVisibility()) continue;
      const frame = parent.closest('.scroll')?.getBoundingClientRect();
      const range = document.createRange();
      range.selectNodeContents(node);
      for (const rect of range.getClientRects()) {
        const left = Math.max(rect.left, frame?.left ?? rect.left);
        const right = Math.min(rect.right, frame?.right ?? rect.right);
        const top = Math.max(rect.top, frame?.top ?? rect.top);
        const bottom = Math.min(rect.bottom, frame?.bottom ?? rect.bottom);
        if (right - left > 1 && bottom - top > 1) boxes.push({ text, left, right, top, bottom });
      }
    }
    boxes.sort((a, b) => a.top - b.top);
    const found = [];
    for (const [index, a] of boxes.entries()) {
      for (let at = index + 1; at < boxes.length && boxes[at].top < a.bottom; at++) {
        const b = boxes[at];
        const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
        const down = Math.min(a.bottom, b.bottom) - b.top;
        if (across > 1 && down > 3) found.push(`"${a.text}" and "${b.text}"`);
      }
    }
    return { texts: boxes.length, found };
  },

  /** Texts of drawings that reach out of them and would be cut, and a page wider than its window. */
  cut() {
    const wide = document.documentElement.scrollWidth;
    const found = wide > innerWidth ? [`page ${wide} px wide`] : [];
    for (const svg of document.querySelectorAll('figure svg')) {
      const frame = svg.getBoundingClientRect();
      for (const text of svg.querySelectorAll('text')) {
        const { left, right, top, bottom, width } = text.getBoundingClientRect();
        const out = Math.max(frame.left - left, right - frame.right, frame.top - top, bottom - frame.bottom);
        if (width > 0 && out > 2) found.push(`"${text.textContent}" by ${out.toFixed(1)} px`);
      }
    }
    return found;
  },

  /** The lowest contrast ratio (WCAG 2.1) of a text with what is behind it, and whose it is. */
  contrast() {
    const channels = (colour) => (colour.match(/[\d.]+/g) ?? []).map(Number);
    const luminance = (colour) => {
      const [r, g, b] = colour.map((value) =>
        value / 255 <= 0.03928 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4,
      );
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const behind = (element) => {
      for (let each = element; each !== null; each = each.parentElement) {
        const colour = channels(getComputedStyle(each).backgroundColor);
        if (colour.length === 3 || colour[3] > 0) return colour.slice(0, 3);
      }
      return [255, 255, 255];
    };
    let lowest = { ratio: 21, text: '' };
    for (const element of document.querySelectorAll('body *')) {
      const own = [...element.childNodes].some(
        (node) => node.nodeType === 3 && node.textContent.trim() !== '',
      );
      if (!own || element.closest('script, style')) continue;
      const style = getComputedStyle(element);
      const ink = channels(element instanceof SVGElement ? style.fill : style.color).slice(0, 3);
      const [a, b] = [luminance(ink), luminance(behind(element))];
      const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
      if (ratio < lowest.ratio) lowest = { ratio, text: element.textContent.trim().slice(0, 60) };
    }
    return lowest;
  },

  figures: () =>
    [...document.querySelectorAll('figure')].map((figure) => {
      const svg = figure.querySelector('svg');
      return {
        id: figure.id,
        wide: svg.getBoundingClientRect().width > 250,
        marks: svg.querySelectorAll('.mark-symbol path, .mark-line path').length > 0,
        named: (svg.getAttribute('aria-label') ?? '').length > 20,
      };
    }),

  /** Links into the page that lead nowhere. */
  lostLinks: () =>
    [...document.querySelectorAll('a[href^="#"]')]
      .map((link) => link.getAttribute('href'))
      .filter((target) => document.querySelector(target) === null),

  files: () => [...document.querySelectorAll('.files a')].map((link) => link.href),

  /** How many places the keyboard should reach. */
  stops: () =>
    [...document.querySelectorAll('a[href], summary, .scroll')].filter((each) => each.checkVisibility())
      .length,

  focus() {
    const element = document.activeElement;
    const all = [...document.querySelectorAll('a[href], summary, .scroll')];
    const { top, bottom } = element.getBoundingClientRect();
    return {
      index: all.indexOf(element),
      seen: bottom > 0 && top < innerHeight,
      outlined: getComputedStyle(element).outlineStyle !== 'none',
      text: element.textContent.slice(0, 60),
    };
  },
};
