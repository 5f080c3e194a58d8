import { existsSync } from 'node:fs';
import chromium from '@sparticuz/chromium';
import { type Browser, chromium as playwright } from 'playwright-core';

const SYSTEM = ['/usr/bin/chromium', '/usr/bin/google-chrome', '/usr/bin/chromium-browser'];

/** A real Chromium: the one of the system if there is one, else the one that came through npm. */
export async function openBrowser(): Promise<Browser> {
  const system = process.env['ASSAY_TEST_CHROMIUM'] ?? SYSTEM.find((path) => existsSync(path));
  // The package unpacks the libraries that it needs only when it believes to run on Lambda.
  if (!system) process.env['AWS_LAMBDA_JS_RUNTIME'] ??= 'nodejs22.x';
  const executablePath = system ?? (await chromium.executablePath());
  return playwright.launch({
    executablePath,
    args: [
      // In a single process the browser would end with its first page.
      ...(system ? [] : chromium.args.filter((arg) => !/single-process|no-zygote/.test(arg))),
      '--no-sandbox',
      '--disable-dev-shm-usage',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}
