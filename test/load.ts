/**
 * Clients in a process of their own, so that what they need is not counted: each sends one request after the other on its
 * connection and takes whole answers of a known length for right. The parent says how many.
 */
import { connect } from 'node:net'

const [, , port = '', path = '/', clients = '8'] = process.argv
const request = `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`

function send(count: number): Promise<number> {
  return new Promise((resolve) => {
    let [left, open, right] = [count, Number(clients), 0]
    for (let client = 0; client < Number(clients); client++) {
      const socket = connect(Number(port), '127.0.0.1')
      let got = ''
      const next = (): void => {
        if (left-- > 0) socket.write(request)
        else socket.destroy()
      }
      socket.on('connect', next)
      socket.on('data', (chunk) => {
        got += chunk.toString('latin1')
        const head = got.indexOf('\r\n\r\n') + 4
        const length = Number(/content-length: (\d+)/i.exec(got)?.[1])
        if (head < 4 || got.length < head + length) return
        if (got.startsWith('HTTP/1.1 200 ') && got.length === head + length) right++
        got = ''
        next()
      })
      socket.on('error', () => {})
      socket.on('close', () => {
        if (--open === 0) resolve(right)
      })
    }
  })
}

process.on('message', (count: number) => void send(count).then((right) => process.send?.(right)))
process.on('disconnect', () => process.exit())
