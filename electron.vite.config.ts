import { resolve } from 'node:path'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'electron-vite'

const at = (path: string): string => resolve(import.meta.dirname, path)

// The same output runs on the newest Electron and on the older one that setup falls back to (Chromium 130, Node 20.18).
const chromium = 'chrome130'
const node = 'node20.18'

export default defineConfig({
  main: {
    build: {
      outDir: 'out/main',
      target: node,
      // Together with our code they load in a fifth of the time: of zod alone it would be a hundred files.
      externalizeDeps: { exclude: ['zod', 'yaml'] },
      rolldownOptions: {
        // One entry per process or worker; src-main/entries.ts knows them by these names.
        input: {
          main: at('src-main/main.ts'),
          cli: at('src-main/cli.ts'),
          'guest-process': at('src-main/runtime/guest-process.ts'),
          'guest-worker': at('src-main/runtime/guest-worker.ts'),
          'build-process': at('src-main/build/build-process.ts'),
          'tools-worker': at('src-main/tools/tools-worker.ts'),
          'engine-worker': at('src-main/tools/engine-worker.ts'),
        },
        output: { entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
      },
    },
  },
  preload: {
    build: {
      outDir: 'out/preload',
      target: node,
      externalizeDeps: false,
      // A sandboxed preload must be CommonJS.
      rolldownOptions: {
        input: { preload: at('src-preload/preload.ts') },
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: at('src-renderer'),
    plugins: [react()],
    build: {
      outDir: 'out/renderer',
      target: chromium,
      rolldownOptions: { input: { index: at('src-renderer/index.html') } },
    },
  },
})
