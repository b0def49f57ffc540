import { app } from 'electron'
import type { Handlers } from '../../src-preload/contract.ts'

/** The same handlers, telling the system (dock, task bar) of every project that was opened through them. */
export function rememberRecent(handlers: Handlers): Handlers {
  const told = <Input, Output extends { readonly folder: string }>(open: (input: Input) => Promise<Output>) => {
    return async (input: Input): Promise<Output> => {
      const state = await open(input)
      app.addRecentDocument(state.folder)
      return state
    }
  }
  return {
    ...handlers,
    'project.open': told(handlers['project.open']),
    'project.create': told(handlers['project.create']),
    'project.saveAs': told(handlers['project.saveAs']),
  }
}
