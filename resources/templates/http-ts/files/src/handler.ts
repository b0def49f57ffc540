/// <reference path="../types/handler.d.ts" />

const handler: Handler = {
  async fetch(request: Request): Promise<Response> {
    const url = new URL(request.url)
    console.log(`{{name}}: ${request.method} ${url.pathname}`)

    if (url.pathname === '/echo') {
      return new Response(request.body, { headers: { 'content-type': 'application/octet-stream' } })
    }
    return new Response(`Hello from {{name}}! You asked for ${url.pathname}\n`)
  },
}

export default handler
