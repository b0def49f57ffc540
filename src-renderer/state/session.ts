import { create } from 'zustand'
import type { CallOutput } from '../../src-preload/contract.ts'
import { fail } from '../../src-engine/error.ts'
import type { Client, ConnectionState } from './client.ts'

type Description = CallOutput<'workbench.describe'>

interface Session {
  readonly client: Client | undefined
  readonly connection: ConnectionState
  /** Versions, platform and the like; undefined until the workbench answered. */
  readonly workbench: Description | undefined
}

/** The window's one tie to the workbench. */
export const useSession = create<Session>()(() => ({ client: undefined, connection: 'open', workbench: undefined }))

/** Called once, with the client that `connect()` gave. Returns when the workbench introduced itself. */
export async function startSession(client: Client): Promise<void> {
  useSession.setState({ client, connection: client.connection.current() })
  client.connection.subscribe((connection) => useSession.setState({ connection }))
  useSession.setState({ workbench: await client.call('workbench.describe', {}) })
}

/** The client, for code that runs only after {@link startSession}. */
export function client(): Client {
  const { client: current } = useSession.getState()
  if (!current) throw fail('connection.missing', 'The window is not connected to a workbench yet.')
  return current
}
