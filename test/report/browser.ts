import { existsSync, readFileSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';

const places = [
  process.env.GCNC_TEST_CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];
const executablePath = places.find((path) => path && existsSync(path));
const reason = 'no Chromium: apt-get install chromium, or set GCNC_TEST_CHROMIUM';
if (executablePath === undefined && process.env.CI === 'true') throw new Error(reason);

/** The reason to skip a test with where this machine has no Chromium; under CI=true that is an error. */
export const withoutChromium: string | false = executablePath === undefined ? reason : false;

export const startChromium = (): Promise<Browser> =>
  chromium.launch({ executablePath: executablePath!, args: ['--no-sandbox'] });

export interface OpenPage {
  readonly page: Page;
  /** Console errors and warnings, uncaught errors, and every request that left the page's own origin. */
  readonly complaints: readonly string[];
}

export async function openPage(
  browser: Browser,
  url: string,
  { width, scheme }: { readonly width: number; readonly scheme: 'light' | 'dark' },
): Promise<OpenPage> {
  const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme: scheme });
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('request', (request) => {
    const { protocol, origin } = new URL(request.url());
    if (protocol !== 'data:' && protocol !== 'file:' && origin !== new URL(url).origin)
      complaints.push(`request to ${request.url()}`);
  });
  await page.goto(url);
  return { page, complaints };
}

export interface PageChecks {
  readonly overlaps: { readonly texts: number; readonly found: readonly string[] };
  readonly cut: readonly string[];
  readonly contrast: { readonly ratio: number; readonly text: string };
  readonly figures: readonly {
    readonly id: string;
    readonly wide: boolean;
    readonly marks: boolean;
    readonly named: boolean;
  }[];
  readonly lostLinks: readonly string[];
  readonly files: readonly string[];
  readonly stops: number;
  readonly focus: {
    readonly index: number;
    readonly seen: boolean;
    readonly outlined: boolean;
    readonly text: string;
  };
}

const checks = readFileSync(new URL('./page-checks.js', import.meta.url), 'utf8');

/** One of the checks of page-checks.js, in the page. */
export const check = async <K extends keyof PageChecks>(page: Page, name: K): Promise<PageChecks[K]> =>
  page.evaluate(`${checks}; pageChecks.${name}()`);
