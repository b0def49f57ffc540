import { realpath, stat } from 'node:fs/promises'
import { extname, join, sep } from 'node:path'

/** Types of what the build puts into `out/renderer`; anything else is sent as plain bytes. */
const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.ttf': 'font/ttf',
  '.wasm': 'application/wasm',
  '.map': 'application/json',
  '.txt': 'text/plain; charset=utf-8',
}

export interface StaticFile {
  readonly path: string
  readonly type: string
  readonly size: number
  /** Its name carries a hash of its content, so it may be cached for good. */
  readonly immutable: boolean
}

/**
 * The file that a URL path names below `root`, or undefined: for paths that climb (also encoded, also by backslash),
 * for links that lead outside, for folders and for what is not there. `/` is `index.html`.
 */
export async function findStatic(root: string, urlPath: string): Promise<StaticFile | undefined> {
  const steps = stepsOf(urlPath)
  if (!steps) return undefined
  const wanted = join(root, ...(steps.length ? steps : ['index.html']))
  try {
    const path = await realpath(wanted)
    if (!path.startsWith((await realpath(root)) + sep)) return undefined
    const found = await stat(path)
    if (!found.isFile()) return undefined
    return {
      path,
      type: types[extname(path).toLowerCase()] ?? 'application/octet-stream',
      size: found.size,
      immutable: /^assets$/.test(steps[0] ?? '') && /-[\w-]{8}\.\w+$/.test(path),
    }
  } catch {
    return undefined
  }
}

/** The steps of an absolute URL path, decoded once; undefined for anything but plain names. */
function stepsOf(urlPath: string): string[] | undefined {
  if (!urlPath.startsWith('/')) return undefined
  const steps: string[] = []
  for (const raw of urlPath.slice(1).split('/')) {
    let step: string
    try {
      step = decodeURIComponent(raw)
    } catch {
      return undefined
    }
    // After decoding, so that %2e%2e, %2f and %5c are seen for what they are. ':' keeps drive letters and streams of Windows out.
    // oxlint-disable-next-line no-control-regex
    if (step === '..' || step === '.' || /[/\\:\u0000-\u001f]/.test(step)) return undefined
    if (step) steps.push(step)
    else if (steps.length || urlPath !== '/') return undefined
  }
  return steps
}
