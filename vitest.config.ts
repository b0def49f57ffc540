import { defineConfig } from 'vitest/config'

/** No file of it keeps anything beyond its functions: its tests share a thread, and load each source once. */
const engine = ['src-engine/**/*.test.ts', 'src-preload/**/*.test.ts']

export default defineConfig({
  test: {
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Much of it waits for processes of its own: a core is not kept free for them.
    maxWorkers: '100%',
    projects: [
      { extends: true, test: { name: 'engine', include: engine, pool: 'threads', isolate: false } },
      {
        extends: true,
        test: {
          name: 'workbench',
          include: ['src-*/**/*.test.ts', 'src-*/**/*.test.tsx', 'scripts/**/*.test.ts', 'test/**/*.test.ts'],
          exclude: engine,
        },
      },
    ],
  },
})
