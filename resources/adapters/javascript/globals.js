/** Everything a handler finds in its global scope; the order matters, promises come first. */
import './promise.js'
import './loop.js'
import './text.js'
import './console.js'
import './random.js'
import './url.js'
import './streams.js'
import './http.js'

globalThis.self = globalThis
globalThis.navigator = { userAgent: 'Patchbay QuickJS' }

// The bundle may have given them other names, and people see them where values are printed.
for (const name of [
  'Headers',
  'Request',
  'Response',
  'ReadableStream',
  'TextDecoder',
  'TextEncoder',
  'URL',
  'URLSearchParams',
])
  Object.defineProperty(globalThis[name], 'name', { value: name })
