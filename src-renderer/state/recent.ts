import { create } from 'zustand'
import type { CallOutput } from '../../src-preload/contract.ts'
import { client } from './session.ts'

/** Projects that were open before, newest first. */
export const useRecent = create<CallOutput<'project.recent'>>()(() => ({ folders: [] }))

export async function loadRecent(): Promise<void> {
  useRecent.setState(await client().call('project.recent', {}))
}
