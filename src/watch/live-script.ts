/**
 * What runs in the browser: listens to /events and replaces the parts of the page whose digest is another. Keeps what the
 * reader has open, scrolled to and focused; the standing is read out by screen readers as it changes.
 */
export const liveScript = (digests: Readonly<Record<string, string>>): string => `
'use strict';
const have = ${JSON.stringify(digests)};
const status = document.createElement('p');
status.id = 'live';
status.setAttribute('role', 'status');
status.textContent = 'live';
document.body.prepend(status);
let busy = false;
let next = null;

const all = (root, selector) => [...root.querySelectorAll(selector)];
const focusable = 'a[href], summary, [tabindex]';

function replace(element, text) {
  const focused = all(element, focusable).indexOf(document.activeElement);
  const open = all(element, 'details').map((each) => each.open);
  const scrolled = all(element, '.scroll').map((each) => [each.scrollLeft, each.scrollTop]);
  element.innerHTML = text;
  element.hidden = text === '';
  all(element, 'details').forEach((each, index) => { each.open = open[index] ?? false; });
  all(element, '.scroll').forEach((each, index) => {
    if (scrolled[index]) each.scrollTo(...scrolled[index]);
  });
  if (focused >= 0) all(element, focusable)[focused]?.focus({ preventScroll: true });
}

async function update(summary) {
  if (busy) { next = summary; return; }
  busy = true;
  try {
    for (const [id, digest] of Object.entries(summary.parts)) {
      const element = document.getElementById(id);
      if (have[id] === digest || element === null) continue;
      const answer = await fetch('parts/' + id);
      if (!answer.ok) continue;
      replace(element, await answer.text());
      have[id] = digest;
    }
  } catch {}
  busy = false;
  if (next !== null) { const later = next; next = null; update(later); }
}

const events = new EventSource('events');
events.onmessage = ({ data }) => {
  const summary = JSON.parse(data);
  const counts = Object.entries(summary.counts).map(([state, count]) => count + ' ' + state).join(', ');
  status.textContent = 'live: ' + counts;
  status.classList.remove('ended');
  update(summary);
};
events.addEventListener('problem', ({ data }) => { status.textContent = JSON.parse(data); });
events.onerror = () => {
  status.textContent = 'gcnc watch has ended: this page stays as it is';
  status.classList.add('ended');
};
`;
