/**
 * Shows whether a handler carries anything from one request to the next: the same request several times under each
 * isolation, what the instance held when it came, and whether the answers differ.
 */
import { request as httpRequest } from '../node-http.ts'
import { fail } from '../../src-engine/error.ts'
import type { IsolationFinding, ProbeReport, RequestRecord, RunSettings } from '../../src-preload/contract.ts'
import type { Tools } from '../tools/tools.ts'
import { createRuntime } from './runtime.ts'

export interface ProbeOptions {
  readonly tools: Tools
  readonly cacheFolder: string
  readonly bytes: Uint8Array
  readonly name: string
  /** Limits and grants; the isolation is what is probed, and what is said of other handlers says nothing of this one. */
  readonly settings?: RunSettings
  readonly method: string
  /** Path and query. */
  readonly path: string
  readonly body?: string
}

/** How often the request is sent under each isolation. */
const rounds = 3
/** Nothing keeps the rounds from their answers, or the last of `pool` from the instance of the others. */
const unlimited = { reuse: rounds, ownRoutes: false, breaker: false, rate: false, clientRate: false } as const
const isolations = ['request', 'pool', 'none'] as const

interface Answer {
  readonly status: number
  readonly body: string
  readonly id: string
}

/** Throws what keeps the handler from running. */
export async function probeIsolation(options: ProbeOptions): Promise<ProbeReport> {
  const records = new Map<string, RequestRecord>()
  let heard: () => void = () => {}
  const runtime = createRuntime({
    tools: options.tools,
    cacheFolder: options.cacheFolder,
    probe: true,
    onRecords(news) {
      for (const record of news) records.set(record.id, record)
      heard()
    },
  })
  const finished = async (id: string): Promise<RequestRecord> => {
    for (;;) {
      const record = records.get(id)
      // The guest is through when its time is told.
      if (record && record.state !== 'active' && record.spans.some(({ name }) => name === 'guest')) return record
      await new Promise<void>((resolve) => (heard = resolve))
    }
  }
  try {
    const findings: IsolationFinding[] = []
    let engine = ''
    for (const isolation of isolations) {
      const { port: _, handlers: __, tenants: ___, rules: ____, static: _____, ...settings } = options.settings ?? {}
      const status = await runtime.start({
        handlers: [{ name: options.name, bytes: options.bytes }],
        settings: { ...settings, ...unlimited, isolation },
      })
      const [handler] = status.handlers
      if (handler?.problem) throw fail(handler.problem.code, handler.problem.message, handler.problem)
      engine = handler?.engine ?? ''
      const answers: Answer[] = []
      let found: RequestRecord['found']
      for (let round = 0; round < rounds; round++) {
        const answer = await ask(status.url ?? '', options)
        answers.push(answer)
        found = (await finished(answer.id)).found
      }
      const [first, ...later] = answers.map(({ status: code, body }) => `${code} ${body}`)
      const other = later.find((answer) => answer !== first)
      findings.push({
        isolation,
        ...(found ? { bytes: found.bytes, globals: found.globals } : {}),
        ...(other === undefined ? {} : { answers: [shorten(first ?? ''), shorten(other)] }),
      })
    }
    return { engine, request: `${options.method} ${options.path}`, findings, summary: summarize(findings) }
  } finally {
    await runtime.dispose()
  }
}

/** What was found in words, for people who choose an isolation. */
function summarize(findings: readonly IsolationFinding[]): string {
  const of = (wanted: IsolationFinding['isolation']): IsolationFinding | undefined =>
    findings.find(({ isolation }) => isolation === wanted)
  const [fresh, kept] = [of('request'), of('none')]
  const answers = kept?.answers && `the same request is answered differently: ${kept.answers.join(', then ')}`
  // What changes by itself, such as the time, says nothing of state.
  const restless = fresh?.answers !== undefined
  const held =
    kept?.bytes === undefined
      ? 'what stays in memory cannot be told on this engine'
      : kept.bytes === 0 && kept.globals === 0
        ? 'nothing stays in memory after a request'
        : `${printBytes(kept.bytes)} of memory and ${kept.globals === 1 ? '1 global' : `${kept.globals} globals`} stay changed after a request`
  if (restless) return `Answers differ even with a fresh instance each; ${held}.`
  if (answers !== undefined) return `State leaks when an instance is reused: ${answers}; ${held}. Keep "request".`
  if (kept?.bytes === 0 && kept.globals === 0)
    return `No state is carried over: ${held}. "none" is safe for this request.`
  return `The answers are the same when an instance is reused, but ${held}: a later request could see it. Its stack is part of that.`
}

const printBytes = (count: number): string => (count < 10_000 ? `${count} bytes` : `${Math.round(count / 1000)} KB`)
const shorten = (text: string): string => JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text)

function ask(url: string, { method, path, body }: ProbeOptions): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: '127.0.0.1', port: new URL(url).port, method, path, agent: false })
    request.on('error', (error) => reject(fail('probe.request', `The request could not be sent: ${error.message}`)))
    request.on('response', (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', () => {})
      response.on('close', () => {
        const id = String(response.headers['x-request-id'])
        // The id of the request stands in the text of a problem.
        const text = Buffer.concat(chunks).toString().replaceAll(id, '')
        resolve({ status: response.statusCode ?? 0, body: text, id })
      })
    })
    request.end(body)
  })
}
