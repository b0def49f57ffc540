// Built by the bench with `jco componentize`: the smallest handler that answers, on StarlingMonkey.
import { Fields, OutgoingBody, OutgoingResponse, ResponseOutparam } from 'wasi:http/types@0.2.12'

export const incomingHandler = {
  handle(request, outparam) {
    const bytes = new TextEncoder().encode(`Hello from StarlingMonkey! You asked for ${request.pathWithQuery()}\n`)
    const headers = Fields.fromList([['content-type', new TextEncoder().encode('text/plain; charset=utf-8')]])
    const response = new OutgoingResponse(headers)
    const body = response.body()
    ResponseOutparam.set(outparam, { tag: 'ok', val: response })
    const stream = body.write()
    stream.blockingWriteAndFlush(bytes)
    stream[Symbol.dispose]()
    OutgoingBody.finish(body, undefined)
  },
}
