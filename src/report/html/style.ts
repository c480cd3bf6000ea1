/** The page's look: one column on a telephone, as many figures a row as fit, dark where the reader's system is, black on paper. */
export const pageStyle = `
:root { color-scheme: light dark; --ink: #1a1a1a; --soft: #595959; --paper: #ffffff; --line: #d4d4d4; --panel: #f6f6f4;
  --link: #005a9c; --good: #00684a; --bad: #a63c00; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e8e6e3; --soft: #b0ada8; --paper: #161616; --line: #3f3f3f; --panel: #202020; --link: #7cc0f5;
    --good: #4fc79f; --bad: #ff9a5c; }
  svg [stroke="#0072B2"] { stroke: #4aa0e0; }
  svg [fill="#0072B2"] { fill: #4aa0e0; }
}
* { box-sizing: border-box; }
body { margin: 0; color: var(--ink); background: var(--paper); font: 1rem/1.5 Helvetica, Arial, sans-serif; }
header, main, footer { max-width: 88rem; margin: 0 auto; padding: 0 1rem; }
header { padding-top: 1.5rem; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .25rem; overflow-wrap: anywhere; }
h2 { font-size: 1.25rem; margin: 2.5rem 0 .75rem; padding-top: .5rem; border-top: 1px solid var(--line); }
h3 { font-size: 1rem; margin: 0 0 .4rem; }
p, li { max-width: 46rem; }
a { color: var(--link); }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
.skip { position: absolute; left: -999rem; }
.skip:focus { left: 1rem; top: .5rem; background: var(--paper); padding: .5rem 1rem; z-index: 1; }
nav ul { list-style: none; display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; padding: 0; margin: .75rem 0 0; }
.soft, .unit, figcaption, .caption { color: var(--soft); }
.unit { display: block; font-weight: normal; font-size: .8rem; white-space: nowrap; }
.lead { font-size: 1.15rem; max-width: 62rem; margin: .5rem 0; }
.problems { border-left: 4px solid var(--bad); background: var(--panel); padding: .75rem 1rem; margin-top: 1.25rem; }
.problems h2 { border: 0; margin: 0 0 .25rem; padding: 0; font-size: 1rem; }
.problems ul { margin: 0; padding-left: 1.2rem; overflow-wrap: anywhere; }
.answers { display: grid; gap: .75rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 17rem), 1fr)); padding: 0; list-style: none; }
.answers li { background: var(--panel); border: 1px solid var(--line); padding: .75rem 1rem; }
.answers .pair, .answers .count { display: block; }
.answers .count { font-size: .9rem; }
.answers .value { display: block; font-size: 1.35rem; font-variant-numeric: tabular-nums; }
.answers .interval { font-size: .9rem; color: var(--soft); }
.consistent { color: var(--good); } .opposite { color: var(--bad); }
.figures { display: grid; gap: .4rem 1.75rem; margin-bottom: 1.5rem; grid-template-columns: repeat(auto-fill, minmax(min(100%, 22rem), 1fr)); }
figure { margin: 0; min-width: 0; break-inside: avoid; display: grid; grid-row: span 3; grid-template-rows: subgrid; row-gap: .4rem; align-content: start; }
figure h3 { align-self: end; margin: 0; }
figure svg { display: block; width: 100%; max-width: 30rem; height: auto; }
figcaption { font-size: .9rem; max-width: 30rem; padding-bottom: 1.6rem; }
.files { white-space: nowrap; }
.scroll { overflow: auto; max-height: 40rem; margin: 0 0 1rem; }
thead th { position: sticky; top: 0; background: var(--paper); }
table { border-collapse: collapse; font-size: .92rem; font-variant-numeric: tabular-nums; }
.caption { margin: 0 0 .25rem; font-size: .92rem; }
th, td { padding: .3rem .75rem .3rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); white-space: nowrap; }
thead th { vertical-align: bottom; white-space: normal; }
dt { font-weight: bold; margin-top: .6rem; }
dd { margin: 0; max-width: 46rem; }
ul + p, .figures + .caption { margin-top: 1.5rem; }
.number { text-align: right; }
td.number { white-space: pre; }
td.wrap, td .wrap { white-space: normal; min-width: 16rem; display: inline-block; }
summary { cursor: pointer; padding: .25rem 0; }
#live { position: fixed; right: 1rem; bottom: 1rem; margin: 0; padding: .3rem .8rem; background: var(--panel); border: 1px solid var(--good); font-size: .85rem; max-width: calc(100vw - 2rem); }
#live.ended { border-color: var(--bad); }
footer { margin-top: 3rem; padding-bottom: 2rem; font-size: .9rem; color: var(--soft); }
@media print {
  :root { --ink: #000; --soft: #333; --paper: #fff; --panel: #fff; --line: #999; }
  nav, .files, .skip, #live { display: none; }
  .figures { grid-template-columns: 1fr 1fr; }
  .scroll { overflow: visible; max-height: none; }
  table { font-size: .65rem; }
}
`;
