import type { ServerResponse } from 'node:http'
import { fail, type Problem, type ProblemCode } from '../../src-engine/error.ts'
import { formatBytes } from '../../src-preload/amounts.ts'

/** Status of a failure; what is not listed is the runtime's own fault: 500. */
const statuses: Readonly<Record<ProblemCode, number>> = {
  'runtime.no-such-handler': 404,
  'runtime.trap': 502,
  'runtime.exit': 502,
  'runtime.no-response': 502,
  'runtime.handler-error': 502,
  'runtime.invalid-response': 502,
  'runtime.body-unfinished': 502,
  'runtime.guest-died': 502,
  'runtime.timeout': 504,
  'runtime.memory': 507,
  'runtime.body-too-large': 413,
  'runtime.path-too-long': 414,
  'runtime.busy': 429,
  'runtime.draining': 503,
  'runtime.worker-replaced': 503,
  'runtime.breaker-open': 503,
  'runtime.rate': 429,
  'runtime.cross-site': 403,
  'runtime.method': 405,
  'http.malformed': 400,
  'http.connect': 405,
  'http.head-too-large': 431,
  'http.head-too-slow': 408,
  'static.bad-path': 400,
  'static.not-found': 404,
  'static.method': 405,
  'static.range': 416,
}

const titles: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  413: 'Content Too Large',
  414: 'URI Too Long',
  416: 'Range Not Satisfiable',
  429: 'Too Many Requests',
  431: 'Request Header Fields Too Large',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
  507: 'Insufficient Storage',
}

/** Seconds after which it is worth trying again. */
const retryAfter: Readonly<Record<number, string>> = { 429: '1', 503: '1' }

export const titleOf = (status: number): string => titles[status] ?? 'Error'
export const statusOf = (problem: Problem): number => statuses[problem.code] ?? 500

/** The problem as RFC 9457 has it. `request`: its id. */
export function problemBody(problem: Problem, request: string, handler?: string): Buffer {
  const status = statusOf(problem)
  return Buffer.from(
    JSON.stringify({
      type: `urn:patchbay:problem:${problem.code}`,
      title: titleOf(status),
      status,
      detail: problem.message,
      instance: request,
      code: problem.code,
      ...(problem.hint === undefined ? {} : { hint: problem.hint }),
      ...(problem.where === undefined ? {} : { where: problem.where }),
      ...(handler === undefined ? {} : { handler }),
    }),
  )
}

/**
 * Answers with the problem as RFC 9457 problem+json. The connection stays usable when the request was read. `wait`:
 * seconds for Retry-After, where they are known better than by the status. Answers what the record is to say of it.
 */
export function sendProblem(
  response: ServerResponse,
  problem: Problem,
  request: string,
  handler?: string,
  wait?: number,
): { readonly status: number; readonly responseBytes: number } {
  const status = statusOf(problem)
  const retry = wait === undefined ? retryAfter[status] : String(wait)
  const body = problemBody(problem, request, handler)
  response.writeHead(status, {
    'Content-Type': 'application/problem+json',
    'Content-Length': body.length,
    'Cache-Control': 'no-store',
    'X-Request-Id': request,
    ...(handler === undefined ? {} : { 'X-Patchbay-Handler': handler }),
    ...(retry === undefined ? {} : { 'Retry-After': retry }),
    ...(problem.code === 'static.method' ? { Allow: 'GET, HEAD' } : {}),
  })
  response.end(body)
  return { status, responseBytes: response.req.method === 'HEAD' ? 0 : body.length }
}

export function bodyTooLarge(limit: number): Problem {
  return fail('runtime.body-too-large', `The request body is larger than the limit of ${formatBytes(limit)}`, {
    hint: 'Raise the body limit of the handler, or send less',
  }).problem
}

/** No answer within so many milliseconds; `culprit` is the request that kept its worker busy. */
export const tooSlow = (timeout: number, culprit: string | undefined): Problem =>
  fail(
    'runtime.timeout',
    `The handler did not finish within ${timeout / 1000} s${culprit === undefined ? '' : `: request ${culprit} keeps its worker busy`}`,
    {
      hint:
        culprit === undefined
          ? 'Raise the time limit, or look in the console for what it was waiting for'
          : 'Send it again; a method that is not safe to repeat is not repeated by itself',
    },
  ).problem

/** It still had things to do so many milliseconds after its answer. */
export const wentOn = (timeout: number): Problem =>
  fail('runtime.timeout', `The handler went on for ${timeout / 1000} s after its answer was out: it is ended`, {
    hint: 'Let it return when the answer is complete',
  }).problem

/** It still had things to do after its answer, and another request kept it from doing them. */
export const cutShort = (culprit: string): Problem =>
  fail(
    'runtime.worker-replaced',
    `What it had to do after its answer was cut short: request ${culprit} kept its worker busy`,
    {
      hint: 'The answer itself is complete; send it again if the rest matters',
    },
  ).problem

export const workerReplaced = (culprit: string): Problem =>
  fail('runtime.worker-replaced', `The handler was restarted because request ${culprit} did not come back`, {
    hint: 'Send it again',
  }).problem

export const draining = (): Problem =>
  fail('runtime.draining', 'The server is stopping or starting', { hint: 'Try again in a moment' }).problem
