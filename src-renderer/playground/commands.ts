import { ClipboardPaste, Copy, Send, Square } from 'lucide-react'
import type { Command } from '../commands/registry.ts'
import { showDrawer } from '../state/layout.ts'
import { client } from '../state/session.ts'
import { copyCurl, pasteCurl } from './RequestLine.tsx'
import { draftProblem } from './request.ts'
import { isWaiting, usePlayground } from './store.ts'

/** Commands about the request in the playground. */
export const playgroundCommands: readonly Command[] = [
  {
    id: 'request.send',
    label: 'Send the request',
    icon: Send,
    keys: ['Mod+Enter'],
    keywords: 'http playground fire',
    when: () =>
      isWaiting(usePlayground.getState())
        ? 'A request is on its way.'
        : (draftProblem(usePlayground.getState().draft) ?? true),
    run: () => {
      showDrawer('playground')
      return usePlayground.getState().send(client())
    },
  },
  {
    id: 'request.cancel',
    label: 'Cancel the request',
    icon: Square,
    when: () => isWaiting(usePlayground.getState()) || 'No request is on its way.',
    run: () => usePlayground.getState().cancel(client()),
  },
  {
    id: 'request.copyCurl',
    label: 'Copy the request as curl',
    icon: Copy,
    when: () => draftProblem(usePlayground.getState().draft) ?? true,
    run: () => copyCurl(usePlayground.getState().draft),
  },
  {
    id: 'request.pasteCurl',
    label: 'Paste a curl command as request',
    icon: ClipboardPaste,
    run: async () => {
      showDrawer('playground')
      await pasteCurl()
    },
  },
]
