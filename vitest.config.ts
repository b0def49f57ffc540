import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

// All processes of a run share what the engine made of packages and types: it is read instead of compiled again.
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, 'node_modules', '.cache', 'compiled')

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
          globalSetup: 'test/built-processes.ts',
          include: ['src-*/**/*.test.ts', 'src-*/**/*.test.tsx', 'scripts/**/*.test.ts', 'test/**/*.test.ts'],
          exclude: engine,
        },
      },
    ],
  },
})
