import { defineConfig } from '@playwright/test'
import type { HarnessOptions } from './e2e/harness/test.ts'

/** The same specs in the real window and in a browser; `*.electron.spec.ts` and `*.browser.spec.ts` are about one of them. */
export default defineConfig<HarnessOptions>({
  testDir: 'e2e',
  testMatch: '**/*.spec.ts',
  outputDir: 'test-results/windows',
  globalSetup: ['./e2e/harness/build.ts', './e2e/harness/display.ts'],
  fullyParallel: true,
  // Much of each test is waiting, also on two processors.
  workers: 3,
  forbidOnly: Boolean(process.env.CI),
  timeout: 90_000,
  expect: { timeout: 10_000 },
  // What cannot be clicked says so, long before the test would end.
  use: { actionTimeout: 20_000 },
  reporter: 'list',
  projects: [
    { name: 'electron', testIgnore: '**/*.browser.spec.ts', use: { host: 'electron' } },
    { name: 'browser', testIgnore: '**/*.electron.spec.ts', use: { host: 'browser' } },
  ],
})
