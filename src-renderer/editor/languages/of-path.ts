const byExtension: Readonly<Record<string, string>> = {
  wit: 'wit',
  wac: 'wac',
  wat: 'wat',
  wast: 'wat',
  js: 'javascript',
  mjs: 'javascript',
  cjs: 'javascript',
  jsx: 'javascript',
  ts: 'typescript',
  mts: 'typescript',
  cts: 'typescript',
  tsx: 'typescript',
  json: 'json',
  c: 'c',
  h: 'c',
  cc: 'cpp',
  cpp: 'cpp',
  hpp: 'cpp',
  rs: 'rust',
  go: 'go',
  py: 'python',
  toml: 'ini',
  ini: 'ini',
  md: 'markdown',
  html: 'html',
  htm: 'html',
  svg: 'xml',
  xml: 'xml',
  css: 'css',
  yml: 'yaml',
  yaml: 'yaml',
  sh: 'shell',
}

/** The editor's language for a file name; `plaintext` for one nobody knows. */
export function languageOfPath(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1).toLowerCase()
  const dot = name.lastIndexOf('.')
  return (dot < 0 ? undefined : byExtension[name.slice(dot + 1)]) ?? 'plaintext'
}

/** The editor's language for a media type such as `application/problem+json; charset=utf-8`. */
export function languageOfMediaType(mediaType: string): string {
  const type = (mediaType.split(';')[0] ?? '').trim().toLowerCase()
  if (type.endsWith('/json') || type.endsWith('+json')) return 'json'
  if (type === 'text/html' || type === 'application/xhtml+xml') return 'html'
  if (type.endsWith('/xml') || type.endsWith('+xml')) return 'xml'
  if (type.endsWith('/javascript') || type.endsWith('/ecmascript')) return 'javascript'
  if (type === 'text/css') return 'css'
  if (type === 'text/markdown') return 'markdown'
  if (type.endsWith('/yaml') || type.endsWith('-yaml')) return 'yaml'
  return 'plaintext'
}
