/**
 * What a handler finds in its global scope: the part of the web platform that Patchbay puts into the component, on top of
 * ECMAScript itself. There is no DOM, no Node and no file system here.
 */

/** The default export of a handler. */
interface Handler {
  /** Called once per request. A thrown error is printed and answered with 500. */
  fetch(request: Request): Response | Promise<Response>
}

type HeadersInit = Headers | Iterable<readonly [string, string]> | Record<string, string>
type BodyInit =
  | string
  | ArrayBuffer
  | ArrayBufferView
  | URLSearchParams
  | ReadableStream
  | Iterable<string | Uint8Array>
  | AsyncIterable<string | Uint8Array>

declare class Headers {
  constructor(init?: HeadersInit)
  append(name: string, value: string): void
  delete(name: string): void
  get(name: string): string | null
  getSetCookie(): string[]
  has(name: string): boolean
  set(name: string, value: string): void
  forEach(callback: (value: string, name: string, headers: Headers) => void): void
  entries(): IterableIterator<[string, string]>
  keys(): IterableIterator<string>
  values(): IterableIterator<string>
  [Symbol.iterator](): IterableIterator<[string, string]>
}

interface Body {
  readonly body: ReadableStream | null
  readonly bodyUsed: boolean
  arrayBuffer(): Promise<ArrayBuffer>
  bytes(): Promise<Uint8Array>
  json(): Promise<any>
  text(): Promise<string>
}

interface RequestInit {
  method?: string
  headers?: HeadersInit
  body?: BodyInit | null
}
interface Request extends Body {}
declare class Request {
  constructor(input: string | URL | Request, init?: RequestInit)
  readonly method: string
  readonly url: string
  readonly headers: Headers
}

interface ResponseInit {
  status?: number
  statusText?: string
  headers?: HeadersInit
}
interface Response extends Body {}
declare class Response {
  constructor(body?: BodyInit | null, init?: ResponseInit)
  readonly status: number
  readonly statusText: string
  readonly ok: boolean
  readonly url: string
  readonly headers: Headers
  static json(data: unknown, init?: ResponseInit): Response
  static redirect(url: string | URL, status?: 301 | 302 | 303 | 307 | 308): Response
  static error(): Response
}

interface ReadableStreamController {
  readonly desiredSize: number
  enqueue(chunk: string | Uint8Array): void
  close(): void
  error(reason: unknown): void
}
interface ReadableStreamReader {
  read(): Promise<{ value: any; done: false } | { value: undefined; done: true }>
  cancel(reason?: unknown): Promise<void>
  releaseLock(): void
}
declare class ReadableStream {
  constructor(source?: {
    start?(controller: ReadableStreamController): unknown
    pull?(controller: ReadableStreamController): unknown
    cancel?(reason?: unknown): unknown
  })
  static from(items: Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>): ReadableStream
  readonly locked: boolean
  getReader(): ReadableStreamReader
  cancel(reason?: unknown): Promise<void>
  [Symbol.asyncIterator](): AsyncIterableIterator<any>
}

/** Calls another server; the one who runs the component decides which hosts it may reach. */
declare function fetch(
  input: string | URL | Request,
  init?: RequestInit & { redirect?: 'follow' | 'manual' },
): Promise<Response>

declare class URLSearchParams {
  constructor(init?: string | URLSearchParams | Iterable<readonly [string, string]> | Record<string, string>)
  readonly size: number
  append(name: string, value: string): void
  delete(name: string, value?: string): void
  get(name: string): string | null
  getAll(name: string): string[]
  has(name: string, value?: string): boolean
  set(name: string, value: string): void
  sort(): void
  forEach(callback: (value: string, name: string, params: URLSearchParams) => void): void
  entries(): IterableIterator<[string, string]>
  keys(): IterableIterator<string>
  values(): IterableIterator<string>
  toString(): string
  [Symbol.iterator](): IterableIterator<[string, string]>
}
declare class URL {
  constructor(url: string | URL, base?: string | URL)
  static canParse(url: string, base?: string): boolean
  static parse(url: string, base?: string): URL | null
  hash: string
  host: string
  hostname: string
  readonly href: string
  readonly origin: string
  password: string
  pathname: string
  port: string
  protocol: string
  search: string
  readonly searchParams: URLSearchParams
  username: string
  toString(): string
  toJSON(): string
}

declare class TextEncoder {
  readonly encoding: 'utf-8'
  encode(text?: string): Uint8Array
  encodeInto(text: string, target: Uint8Array): { read: number; written: number }
}
declare class TextDecoder {
  constructor(label?: 'utf-8' | 'utf8', options?: { fatal?: boolean; ignoreBOM?: boolean })
  readonly encoding: 'utf-8'
  decode(input?: ArrayBuffer | ArrayBufferView, options?: { stream?: boolean }): string
}
declare function atob(text: string): string
declare function btoa(text: string): string

declare function setTimeout<Values extends unknown[]>(
  callback: (...values: Values) => void,
  delay?: number,
  ...values: Values
): number
declare function setInterval<Values extends unknown[]>(
  callback: (...values: Values) => void,
  delay?: number,
  ...values: Values
): number
declare function clearTimeout(id: number | undefined): void
declare function clearInterval(id: number | undefined): void
declare function queueMicrotask(callback: () => void): void

declare const performance: { readonly timeOrigin: number; now(): number }
declare const crypto: {
  getRandomValues<View extends ArrayBufferView>(view: View): View
  randomUUID(): string
}
/** `log`, `info` and `debug` go to stdout, `warn` and `error` to stderr. */
declare const console: {
  log(...values: unknown[]): void
  info(...values: unknown[]): void
  debug(...values: unknown[]): void
  warn(...values: unknown[]): void
  error(...values: unknown[]): void
  trace(...values: unknown[]): void
  dir(value: unknown): void
  table(value: unknown): void
  assert(condition: unknown, ...values: unknown[]): void
  count(label?: string): void
  time(label?: string): void
  timeEnd(label?: string): void
}
