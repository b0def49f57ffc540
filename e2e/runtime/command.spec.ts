import { type AddressInfo, createServer } from 'node:net'
import { dirname } from 'node:path'
import { fixture, guest } from '../harness/project.ts'
import { expect, test } from '../harness/test.ts'
import { WorkbenchPage } from '../pages/workbench.ts'

test.describe('a command', () => {
  test.use({
    startWith: async ({ workshop }, use) => use(dirname(await guest(workshop, 'command'))),
  })

  test('runs with arguments, environment and input, shows what it writes and how it ends, and can be run again', async ({
    page,
    workbench,
  }) => {
    const window = new WorkbenchPage(page)
    await window.item('command.wasm').click({ button: 'right' })
    await page.getByRole('menuitem', { name: 'Run as a command…' }).click()
    const [output, state] = [page.getByTestId('command-output'), page.getByTestId('command-state')]
    await expect(page.getByTestId('command-component')).toHaveValue(/command/)
    await expect(state).toHaveText('Not run yet')

    await page.getByTestId('command-arguments').fill("one 'two words'")
    await page.getByTestId('command-environment').fill('COLOUR=blue')
    await page.getByTestId('command-stdin').fill('from the keyboard\n')
    await page.getByTestId('command-start').click()
    await expect(state).toContainText('Exit code 0')
    await expect(output).toContainText(
      'argument: one\nargument: two words\nenvironment: COLOUR=blue\nfrom the keyboard',
    )
    await workbench.screenshot('command')

    await page.getByTestId('command-arguments').fill('trap')
    await page.getByTestId('command-arguments').press('Enter')
    await expect(state).toContainText('Exit code 1')
    await expect(output.locator('[data-source=stderr]')).toHaveText('giving up\n')
    await expect(output.getByRole('alert')).toContainText('unreachable')
    await workbench.screenshot('command-trap')

    await page.getByTestId('command-arguments').fill("it's")
    await expect(page.getByTestId('command').getByRole('alert').first()).toContainText("'")
  })

  test('that never ends is stopped, and the window goes on', async ({ page }) => {
    const window = new WorkbenchPage(page)
    await window.item('command.wasm').click({ button: 'right' })
    await page.getByRole('menuitem', { name: 'Run as a command…' }).click()
    await page.getByTestId('command-arguments').fill('loop')
    await page.getByTestId('command-start').click()
    await expect(page.getByTestId('command-output')).toContainText('argument: loop')
    await page.getByTestId('command-stop').click()
    await expect(page.getByTestId('command-state')).toContainText('Exit code 130')
    await expect(page.getByTestId('command-start')).toBeVisible()
  })

  test('with sockets reaches what was granted, and nothing else', async ({ page, workshop }) => {
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      socket.on('data', (text) => socket.write(text.toString().toUpperCase()))
      socket.on('end', () => socket.end())
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const window = new WorkbenchPage(page)
    await fixture(workshop, 'toolchains/rust/dial.wasm')
    await window.item('dial.wasm').click({ button: 'right' })
    await page.getByRole('menuitem', { name: 'Run as a command…' }).click()
    const [output, state] = [page.getByTestId('command-output'), page.getByTestId('command-state')]
    await page.getByTestId('command-arguments').fill(`127.0.0.1:${port} hello`)
    await page.getByTestId('command-allowNet').fill('127.0.0.1:1')
    await page.getByTestId('command-start').click()
    await expect(state).toContainText('Exit code 1')
    await expect(output).toContainText(`denied: TCP to 127.0.0.1:${port}`)
    await page.getByTestId('command-allowNet').fill(`127.0.0.1:${port}`)
    await page.getByTestId('command-start').click()
    await expect(state).toContainText('Exit code 0')
    await expect(output).toContainText('HELLO')
    await new Promise((resolve) => server.close(resolve))
  })

  test('is not started where a directory is not there', async ({ page }) => {
    const window = new WorkbenchPage(page)
    await window.item('command.wasm').click({ button: 'right' })
    await page.getByRole('menuitem', { name: 'Run as a command…' }).click()
    await page.getByTestId('command-directories').fill('/data=./nowhere')
    await page.getByTestId('command-start').click()
    await expect(window.notice('is no directory')).toBeVisible()
    await expect(page.getByTestId('command-state')).toHaveText('Not run yet')
  })
})

test.describe('a command of WASI 0.3', () => {
  test.use({
    startWith: async ({ workshop }, use) => use(dirname(await fixture(workshop, 'wasi3/command.wasm'))),
  })

  test('runs in the same tab: arguments, environment, input by streams, exit code', async ({ page }) => {
    const window = new WorkbenchPage(page)
    await window.item('command.wasm').click({ button: 'right' })
    await page.getByRole('menuitem', { name: 'Run as a command…' }).click()
    const [output, state] = [page.getByTestId('command-output'), page.getByTestId('command-state')]
    await page.getByTestId('command-arguments').fill("greet a 'b c'")
    await page.getByTestId('command-environment').fill('NAME=you')
    await page.getByTestId('command-start').click()
    await expect(state).toContainText('Exit code 0', { timeout: 30_000 })
    await expect(output).toContainText('hello you: ["a", "b c"]')
    await expect(output.locator('[data-source=stderr]')).toHaveText('to the side\n')

    await page.getByTestId('command-arguments').fill('cat')
    await page.getByTestId('command-stdin').fill('through a stream\n')
    await page.getByTestId('command-start').click()
    await expect(output).toContainText('through a stream')
    await page.getByTestId('command-arguments').fill('fail')
    await page.getByTestId('command-start').click()
    await expect(state).toContainText('Exit code 1')
  })
})
