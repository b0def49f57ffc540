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
