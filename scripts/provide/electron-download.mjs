/**
 * Fetches the official Electron archive into Electron's own cache; `install.js` of the package then unpacks it from there.
 * A process of its own because the downloader needs a newer Node than npm may run on. Prints `N %` lines.
 */
import { createRequire } from 'node:module'
import { downloadArtifact } from '@electron/get'

/** Milliseconds to the first byte: enough for a slow line, and all that a closed network costs. */
const connectLimit = 6000
/** Milliseconds without a byte after which a running download is given up. */
const stallLimit = 60_000

const electron = createRequire(import.meta.url)('electron/package.json')
const checksums = createRequire(import.meta.url)('electron/checksums.json')
const ending = new AbortController()
let timer = setTimeout(() => ending.abort(new Error('no connection')), connectLimit)
let shown = -1

try {
  await downloadArtifact({
    version: electron.version,
    artifactName: 'electron',
    platform: process.env.npm_config_platform || process.platform,
    arch: process.env.npm_config_arch || process.arch,
    checksums: process.env.electron_use_remote_checksums ? undefined : checksums,
    cacheRoot: process.env.electron_config_cache,
    downloadOptions: {
      quiet: true,
      signal: ending.signal,
      getProgressCallback: async ({ percent }) => {
        clearTimeout(timer)
        timer = setTimeout(() => ending.abort(new Error('the download stands still')), stallLimit)
        const now = Math.floor(percent * 100)
        if (now !== shown) console.log(`${(shown = now)} %`)
      },
    },
  })
} catch (error) {
  console.error(
    `official download of Electron ${electron.version}: ${error?.cause?.message ?? error?.message ?? error}`,
  )
  process.exitCode = 1
} finally {
  clearTimeout(timer)
}
