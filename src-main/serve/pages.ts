/** Pages of the server itself, seen when the workbench is not. */

const refusals = {
  origin: [
    'Not for this address',
    'This workbench answers only on this machine, under 127.0.0.1 or localhost.',
    'Open the link that Patchbay printed in the terminal.',
  ],
  method: [
    'Nothing to send here',
    'The workbench takes no such request.',
    'Open the link that Patchbay printed in the terminal.',
  ],
  token: [
    'This link was used already',
    'Every link opens the workbench once, in one browser.',
    'Press Enter in the terminal where Patchbay runs: it prints a new link.',
  ],
  session: [
    'Patchbay does not know this browser',
    'It was started again, or this page was opened without its link.',
    'Open the link in the terminal where Patchbay runs; Enter prints a new one.',
  ],
  socket: ['Not a page', 'The window speaks to the workbench here.', 'Open the address without the path.'],
  missing: ['No such page', 'The workbench has no file of this name.', 'Open the address without the path.'],
} as const

const style =
  ':root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:34rem;margin:20vh auto;padding:0 1.5rem}h1{font-size:1.4rem;margin:0 0 .5rem}p{margin:.25rem 0}'

/** What is wrong, and what to do. */
export function refusalPage(why: keyof typeof refusals): string {
  const [title, reason, next] = refusals[why]
  return document(title, `<h1>${title}</h1><p>${reason}</p><p><strong>${next}</strong></p>`)
}

/**
 * Leaves the address with the token for the clean one. A redirect answer would not do: the cookie is `SameSite=Strict`, so a
 * browser that came here from another site's link would not send it on; a page of our own starts a new, same-site step.
 */
export const welcomePage = document(
  'Patchbay',
  '<p>Opening Patchbay …</p>',
  '<meta http-equiv="refresh" content="0;url=/">',
)

function document(title: string, body: string, head = ''): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${title}</title><link rel="icon" href="data:,">${head}<style>${style}</style></head><body>${body}</body></html>`
}
