import { expect, test } from '../harness/test.ts'

test('the page has nothing of Node, and only the contract of us', async ({ workbench, page }) => {
  const found = await page.evaluate(() => ({
    globals: ['require', 'process', 'module', 'Buffer', 'global', '__dirname', 'electron', 'ipcRenderer'].filter(
      (name) => name in globalThis,
    ),
    bridge: 'workbench' in window ? Object.keys(Object(window.workbench)).sort() : undefined,
    secure: isSecureContext,
  }))
  expect(found).toEqual({
    globals: [],
    bridge: workbench.host === 'electron' ? ['invoke', 'pathOf', 'subscribe'] : undefined,
    secure: true,
  })
})

test('scripts that are not ours do not run', async ({ workbench, page }) => {
  workbench.allowErrors(/Content Security Policy/)
  const outcome = await page.evaluate(async () => {
    const violations: string[] = []
    document.addEventListener('securitypolicyviolation', (event) => violations.push(event.effectiveDirective))
    const inline = document.createElement('script')
    inline.textContent = 'window.intruder = "inline"'
    document.body.append(inline)
    const foreign = document.createElement('script')
    foreign.src = 'data:text/javascript,window.intruder="data"'
    document.body.append(foreign)
    const image = document.createElement('img')
    image.setAttribute('onerror', 'window.intruder = "handler"')
    image.src = 'data:image/png;base64,AAAA'
    document.body.append(image)
    // An event handler's text is compiled as any script of the page would be, unlike what a test evaluates.
    const link = document.createElement('a')
    link.href = 'javascript:window.intruder="link"'
    document.body.append(link)
    link.click()
    const reached = await fetch('https://example.com/').then(
      () => true,
      () => false,
    )
    await new Promise((resolve) => setTimeout(resolve, 300))
    return { intruder: 'intruder' in window, reached, violations: violations.sort() }
  })
  expect(outcome.intruder).toBe(false)
  expect(outcome.reached).toBe(false)
  expect(outcome.violations).toEqual(expect.arrayContaining(['script-src-elem', 'script-src-attr', 'connect-src']))
})

test('a frame inside the page cannot call the workbench', async ({ workbench, page }) => {
  const inside = await page.evaluate(async () => {
    const frame = document.createElement('iframe')
    frame.setAttribute('sandbox', 'allow-scripts')
    frame.srcdoc = '<p>a response</p>'
    const loaded = new Promise((resolve) => frame.addEventListener('load', resolve))
    document.body.append(frame)
    await loaded
    return frame.contentDocument === null
  })
  expect(inside).toBe(true)
  const frame = page.frames().at(-1)
  expect(await frame?.evaluate(() => 'workbench' in window)).toBe(false)
  expect(
    workbench.host === 'electron' ||
      (await page.context().cookies()).every((cookie) => cookie.httpOnly && cookie.sameSite === 'Strict'),
  ).toBe(true)
})
