/**
 * Connections that end with the answer under way. What a client sent behind that request is not begun: nobody would ever be
 * told what came of it.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

const ending = new WeakSet<Socket>()

/** The connection ends with this answer, whose head is not written yet. */
export function endConnection(request: IncomingMessage, response: ServerResponse): void {
  response.setHeader('Connection', 'close')
  ending.add(request.socket)
}

export const isEnding = ({ socket }: IncomingMessage): boolean => ending.has(socket)
