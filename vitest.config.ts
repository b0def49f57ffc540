import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

// All processes of a run share what the engine made of packages and types: it is read instead of compiled again.
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, 'node_modules', '.cache', 'compiled')

/** Tests of functions that keep nothing and start nothing: they share threads, and load each source once. */
const pure = [
  'src-engine/**/*.test.ts',
  'src-preload/**/*.test.ts',
  'src-main/requests/*.test.ts',
  'src-main/runtime/{bag,message-frames,records,stream-table,worker-board}.test.ts',
  'src-main/runtime/direct/{codec,trampoline}.test.ts',
  'src-main/runtime/serving/!(serving).test.ts',
  'src-main/runtime/wasi/allow-list.test.ts',
  'src-main/runtime/wasi/sockets/*.test.ts',
  'src-main/serve/*.test.ts',
  'src-main/shell/*.test.ts',
  'src-renderer/build/places.test.ts',
  'src-renderer/canvas/map-frame.test.ts',
  'src-renderer/commands/{keys,rank}.test.ts',
  'src-renderer/composition/{exports,world-items}.test.ts',
  'src-renderer/{console,editor,inspector,run-settings,size,ui}/**/*.test.ts',
  'src-renderer/playground/{curl,request,response}.test.ts',
]
/** These import stores or the registry, which live as long as what imported them: each file gets its own. */
const window = ['src-renderer/**/*.test.ts', 'src-renderer/**/*.test.tsx']

export default defineConfig({
  test: {
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Much of it waits for processes of its own: a core is not kept free for them.
    maxWorkers: '100%',
    projects: [
      { extends: true, test: { name: 'pure', include: pure, pool: 'threads', isolate: false } },
      { extends: true, test: { name: 'window', include: window, exclude: pure, pool: 'threads' } },
      {
        extends: true,
        test: {
          name: 'workbench',
          globalSetup: 'test/built-processes.ts',
          include: ['src-main/**/*.test.ts', 'scripts/**/*.test.ts', 'test/**/*.test.ts'],
          exclude: pure,
        },
      },
    ],
  },
})
