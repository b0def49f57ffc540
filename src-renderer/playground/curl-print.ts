import { type RequestDraft, bodyBytes, headerList } from './request.ts'
import { quote } from './shell.ts'

/** The request as a curl command for a POSIX shell; the body of a file is named, not spelled out. */
export function printCurl(draft: RequestDraft): string {
  const lines: string[] = []
  const body = bodyBytes(draft.body)
  const implied = body ? 'POST' : 'GET'
  const first = ['curl']
  if (draft.method === 'HEAD' && !body) first.push('--head')
  else if (draft.method !== implied) first.push('-X', quote(draft.method))
  first.push(quote(draft.url.trim()))
  lines.push(first.join(' '))
  for (const [name, value] of headerList(draft))
    lines.push(`-H ${quote(value === '' ? `${name};` : `${name}: ${value}`)}`)
  if (draft.body.kind === 'file' && draft.body.file) lines.push(`--data-binary ${quote(`@${draft.body.file.name}`)}`)
  else if (body) lines.push(`--data-raw ${quote(new TextDecoder().decode(body.bytes))}`)
  if (draft.timeout !== undefined) lines.push(`--max-time ${draft.timeout / 1000}`)
  return lines.join(' \\\n  ')
}
