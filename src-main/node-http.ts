/**
 * Node's own HTTP, for a start that does not wait: an import statement reads every export of a module of Node's, and for this
 * one that loads a whole client, WebSocket and all: thirty milliseconds.
 */
export const { createServer, request, STATUS_CODES } = process.getBuiltinModule('node:http')
