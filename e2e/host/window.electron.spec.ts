import { spawn } from 'node:child_process'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { findElectron, root } from '../harness/machine.ts'
import { expect, test } from '../harness/test.ts'

test('the window comes back where it was', async ({ workbench, page, workshop }) => {
  await expect(page.getByRole('main')).toBeVisible()
  const wanted = { x: 60, y: 40, width: 1100, height: 750 }
  await workbench.electron?.evaluate(({ BrowserWindow }, bounds) => {
    BrowserWindow.getAllWindows()[0]?.setBounds(bounds)
  }, wanted)
  await expect
    .poll(() => workbench.electron?.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.getBounds()))
    .toEqual(wanted)

  await workbench.restart()
  expect(
    await workbench.electron?.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.getBounds()),
  ).toEqual(wanted)
  expect(JSON.parse(await readFile(join(workshop.userFolder, 'window.json'), 'utf8'))).toMatchObject({ bounds: wanted })
})

test('a second start hands its project to the first window', async ({ workbench, page, workshop }) => {
  await expect(page.getByRole('main')).toBeVisible()
  const other = join(workshop.folder, 'other')
  const opened = workbench.electron?.evaluate(
    ({ app }) =>
      new Promise((resolve) => {
        app.once('second-instance', (_event, _argv, _folder, data) => resolve(data))
      }),
  )
  await mkdir(other)
  const executable = findElectron()
  if (!executable) throw new Error('there is no Electron')
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  const second = spawn(executable, [...sandbox, root, `--user-data=${workshop.userFolder}`, 'other'], {
    cwd: workshop.folder,
    stdio: 'ignore',
  })
  const code = await new Promise((resolve) => second.once('exit', resolve))
  expect(code).toBe(0)
  expect(await opened).toEqual({ path: other })
  expect(workbench.electron?.windows()).toHaveLength(1)
})

test('the window stays on its page and opens no other', async ({ workbench, page }) => {
  const url = page.url()
  const before = workbench.log()
  await page.evaluate(() => {
    window.open('https://example.com/')
    const link = document.createElement('a')
    link.href = 'https://example.com/'
    document.body.append(link)
    link.click()
  })
  await expect.poll(() => workbench.log().slice(before.length)).toContain('Only addresses of this machine')
  expect(page.url()).toBe(url)
  expect(workbench.electron?.windows()).toHaveLength(1)
})

test('the native menu holds the window’s commands and runs them', async ({ workbench, page }) => {
  await expect(page.getByRole('main')).toBeVisible()
  const menu = (): Promise<string[] | undefined> | undefined =>
    workbench.electron?.evaluate(({ Menu }) => Menu.getApplicationMenu()?.items.map((item) => item.label))
  await expect.poll(menu).toEqual(expect.arrayContaining(['File', 'Edit', 'View', 'Help']))
  const shortcut = await workbench.electron?.evaluate(({ Menu }) => {
    const item = Menu.getApplicationMenu()
      ?.items.find(({ label }) => label === 'View')
      ?.submenu?.items.find(({ accelerator }) => accelerator === 'CommandOrControl+Shift+P')
    item?.click()
    return item?.label
  })
  expect(shortcut).toBeTruthy()
  await expect(page.getByRole('dialog')).toBeVisible()
})

test('a window that stopped working is told, and comes back', async ({ workbench, page }) => {
  workbench.allowErrors(/crash/i)
  await expect(page.getByRole('main')).toBeVisible()
  const told = await workbench.electron?.evaluate(
    ({ app, BrowserWindow, dialog }) =>
      new Promise<{ message: string; title: string }>((resolve) => {
        const window = BrowserWindow.getAllWindows()[0]
        // The person's answer: the first button.
        dialog.showMessageBox = (...given: unknown[]) => {
          const options = Object(given.at(-1))
          window?.webContents.once('did-finish-load', () => {
            resolve({ message: String(options.message), title: app.getName() })
          })
          return Promise.resolve({ response: 0, checkboxChecked: false })
        }
        window?.webContents.forcefullyCrashRenderer()
      }),
  )
  expect(told?.message).toBe('The window stopped working.')
  await expect
    .poll(() =>
      workbench.electron?.evaluate(({ BrowserWindow }) =>
        BrowserWindow.getAllWindows()[0]?.webContents.executeJavaScript('document.querySelector("main") !== null'),
      ),
    )
    .toBe(true)
})
