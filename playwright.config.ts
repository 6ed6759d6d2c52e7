import { defineConfig } from '@playwright/test'
import { findBrowser } from './platform/browser'

// scripts/test.mjs starts the built app on a port and a state folder of its own and says here where it is.
if (!process.env.BASE_URL && process.argv.includes('test'))
  throw new Error('BASE_URL is missing: run the journeys with npm test -- e2e')

const isRoot = process.getuid?.() === 0

export default defineConfig({
  testDir: 'e2e',
  outputDir: 'test-results',
  // The journeys share one app with one demo project, and two cores with its server.
  workers: 1,
  fullyParallel: false,
  forbidOnly: Boolean(process.env.CI),
  timeout: 60_000,
  // A journey that meets the machine at a bad moment gets one more try; that it took two is printed, never hidden.
  retries: 1,
  expect: { timeout: 10_000 },
  use: {
    baseURL: process.env.BASE_URL,
    browserName: 'chromium',
    viewport: { width: 1280, height: 800 },
    locale: 'en-GB',
    timezoneId: 'UTC',
    trace: 'retain-on-failure',
    screenshot: 'only-on-failure',
    actionTimeout: 15_000,
    launchOptions: {
      // Undefined: the browser that Playwright itself has downloaded.
      executablePath: findBrowser() ?? undefined,
      args: [
        ...(isRoot ? ['--no-sandbox'] : []),
        '--disable-gpu',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        '--no-first-run',
      ],
    },
  },
})
