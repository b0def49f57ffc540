import { dirname } from 'node:path'
import { guest } from '../harness/project.ts'
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
