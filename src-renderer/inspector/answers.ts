import { useEffect, useState } from 'react'
import { problemOf } from '../../src-engine/error.ts'
import type { CallInput, CallName, CallOutput, Problem } from '../../src-preload/contract.ts'
import { client } from '../state/session.ts'

export type Answer<Output> =
  | { readonly state: 'loading' }
  | { readonly state: 'ready'; readonly output: Output }
  | { readonly state: 'failed'; readonly problem: Problem; readonly retry: () => void }

const loading = { state: 'loading' } as const
/** Answers kept for each call; the oldest go first. */
const most = 30

/**
 * Makes a hook that asks the workbench for something that never changes for the same input (a file by its hash) and
 * remembers the answers. Undefined input = nothing to ask.
 */
function answersOf<Name extends CallName>(
  name: Name,
): (input: CallInput<Name> | undefined) => Answer<CallOutput<Name>> {
  const known = new Map<string, Promise<CallOutput<Name>>>()

  function ask(key: string, input: CallInput<Name>): Promise<CallOutput<Name>> {
    const found = known.get(key)
    if (found) return found
    const asked = client().call(name, input)
    known.set(key, asked)
    const [oldest] = known.keys()
    if (known.size > most && oldest !== undefined) known.delete(oldest)
    // A failure may be over at the next try.
    asked.catch(() => known.delete(key))
    return asked
  }

  return function useAnswer(input) {
    const key = input && JSON.stringify(input)
    const [settled, setSettled] = useState<{ readonly key: string; readonly answer: Answer<CallOutput<Name>> }>()
    const [tries, setTries] = useState(0)
    useEffect(() => {
      if (key === undefined || input === undefined) return
      let current = true
      const settle = (answer: Answer<CallOutput<Name>>): void => {
        if (current) setSettled({ key, answer })
      }
      ask(key, input).then(
        (output) => settle({ state: 'ready', output }),
        (thrown: unknown) =>
          settle({ state: 'failed', problem: problemOf(thrown), retry: () => setTries((count) => count + 1) }),
      )
      return () => {
        current = false
      }
      // The key says all there is about the input.
      // oxlint-disable-next-line react-hooks/exhaustive-deps
    }, [key, tries])
    return settled && settled.key === key ? settled.answer : loading
  }
}

export const useWit = answersOf('components.wit')
export const useSizes = answersOf('components.size')
export const useStripPreview = answersOf('components.stripPreview')
