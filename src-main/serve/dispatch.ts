import { fail, problemOf } from '../../src-engine/error.ts'
import {
  type CallName,
  type EventName,
  type EventPayload,
  type Handlers,
  type Reply,
  callSchemas,
  eventSchemas,
  isCallName,
} from '../../src-preload/contract.ts'

/**
 * Runs one call of the window, whatever transport brought it: the input is held against the contract before the handler
 * sees it, the output before the window does. Never rejects; every failure is a problem in the reply.
 */
export async function dispatch(handlers: Handlers, name: unknown, input: unknown): Promise<Reply> {
  try {
    if (!isCallName(name))
      throw fail('contract.unknown-call', `There is no call named ${JSON.stringify(name) ?? 'undefined'}.`)
    return { ok: true, output: await run(handlers, name, input) }
  } catch (thrown) {
    const problem = problemOf(thrown)
    if (problem.code === 'internal.unexpected') console.error(`${String(name)}:`, thrown)
    return { ok: false, problem }
  }
}

async function run<Name extends CallName>(handlers: Handlers, name: Name, input: unknown): Promise<unknown> {
  const asked = callSchemas[name].input.safeParse(input)
  if (!asked.success) throw fail('contract.bad-input', `${name} was asked with ${firstIssue(asked.error)}.`)
  const answered = callSchemas[name].output.safeParse(await handlers[name](asked.data))
  if (!answered.success) throw fail('contract.bad-output', `${name} answered with ${firstIssue(answered.error)}.`)
  return answered.data
}

/** Holds an event against the contract; one that does not fit becomes a problem in the log of the workbench, and is not sent. */
export function fitsContract<Name extends EventName>(name: Name, payload: EventPayload<Name>): boolean {
  const parsed = eventSchemas[name].safeParse(payload)
  if (!parsed.success) console.error(`event ${name} carries ${firstIssue(parsed.error)}; it was not sent`)
  return parsed.success
}

interface Issues {
  readonly issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[]
}

function firstIssue(error: Issues): string {
  const issue = error.issues[0]
  if (!issue) return 'a value that does not fit the contract'
  const path = issue.path.map(String).join('.')
  return `a value that does not fit the contract (${path ? `${path}: ` : ''}${issue.message})`
}
