/** The handler `hello`, in JavaScript: says hello and which path was asked for. */
export default {
  fetch(request) {
    const { pathname, search } = new URL(request.url)
    console.log(`hello-js: ${request.method} ${pathname}${search}`)
    return new Response(`Hello from JavaScript! You asked for ${pathname}${search}\n`)
  },
}
