import { download } from '../composition/save-drawing.ts'
import { askSave } from '../library/ask.ts'
import { client } from '../state/session.ts'
import { notify } from '../ui/notify.tsx'

/** Writes what the runtime recorded: where the save dialog says, or as a download of the browser. */
export async function exportRecords(format: 'har' | 'otel'): Promise<void> {
  const { name, bytes } = await client().call('runtime.export', { format })
  if (client().host === 'browser') {
    download(new Blob([new Uint8Array(bytes)], { type: 'application/json' }), name)
    notify(`Saved ${name}`)
    return
  }
  const title = format === 'har' ? 'Save the requests as HTTP archive' : 'Save the requests as OpenTelemetry traces'
  const path = await askSave(title, name)
  if (path === undefined) return
  const saved = await client().call('files.save', { path, bytes })
  notify(`Saved ${name}`, { detail: saved.path })
}
