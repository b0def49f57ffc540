import { type Locator, type Page, expect } from '@playwright/test'

/** The window as a person sees it: canvas, run button, drawer. Specs say what is done, this says where. */
export class WorkbenchPage {
  readonly page: Page
  readonly run: Locator
  readonly canvas: Locator

  constructor(page: Page) {
    this.page = page
    this.run = page.getByTestId('run-button')
    this.canvas = page.getByTestId('canvas')
  }

  node(instance: string): Locator {
    return this.page.getByTestId(`node-${instance}`)
  }

  /** The socket of an import (`in`) or export (`out`). */
  port(instance: string, side: 'in' | 'out', name: string): Locator {
    return this.page.getByTestId(`port-${instance}-${side}-${name}`)
  }

  wire(instance: string, name: string): Locator {
    return this.page.getByTestId(`rf__edge-${instance} ${name}`)
  }

  /** Draws a wire with the mouse, as far as the button is still down; it ends in the middle of `to`, or at a share of it. */
  async dragWire(from: Locator, to: Locator, at = { across: 0.5, down: 0.5 }): Promise<void> {
    await expect(from).toBeVisible()
    const start = await pointIn(from)
    const end = await pointIn(to, at)
    await this.page.mouse.move(start.x, start.y)
    await this.page.mouse.down()
    await this.page.mouse.move((start.x + end.x) / 2, (start.y + end.y) / 2, { steps: 5 })
    await this.page.mouse.move(end.x, end.y, { steps: 5 })
  }

  async drawWire(from: Locator, to: Locator): Promise<void> {
    await this.dragWire(from, to)
    await this.page.mouse.up()
  }

  /** Shows the whole graph, and waits until the canvas stands still. */
  async fit(): Promise<void> {
    await this.page.getByTestId('command-canvas.fit').click()
    const viewport = this.page.locator('.react-flow__viewport')
    let before = ''
    await expect(async () => {
      const now = (await viewport.getAttribute('style')) ?? ''
      const still = now === before
      before = now
      expect(still).toBe(true)
    }).toPass()
  }

  /** Starts the composition and waits for its address. */
  async start(): Promise<string> {
    await this.run.click()
    await expect(this.page.getByTestId('runtime-state')).toContainText('Running', { timeout: 30_000 })
    const url = this.page.getByTestId('request-url')
    await expect(url).toHaveValue(/^http:\/\/127\.0\.0\.1:\d+\//)
    return url.inputValue()
  }

  /** The entry of the library with this file name. */
  item(name: string): Locator {
    return this.page.getByTestId('library-item').filter({ has: this.page.getByText(name, { exact: true }) })
  }

  /** Puts the component `NAME.wasm` of the library on the canvas, by a double click. */
  async place(name: string): Promise<void> {
    await this.item(`${name}.wasm`).dblclick()
    await expect(this.node(name)).toBeVisible()
  }

  /** What the corner of the window says, newest among others. */
  notice(text: string | RegExp): Locator {
    return this.page.locator('[data-sonner-toast]').filter({ hasText: text })
  }

  /** Opens one of the inspector's tabs. */
  async inspect(tab: 'Overview' | 'Interfaces' | 'WIT' | 'Size'): Promise<void> {
    await this.page.getByLabel('Inspector', { exact: true }).getByRole('tab', { name: tab, exact: true }).click()
  }

  /** Drops files from outside anywhere on `target`, as a file manager does. */
  async dropFiles(
    target: Locator,
    files: readonly { readonly name: string; readonly bytes: Uint8Array }[],
  ): Promise<void> {
    const parts = files.map(({ name, bytes }) => ({ name, text: Buffer.from(bytes).toString('base64') }))
    const data = await this.page.evaluateHandle((given) => {
      const transfer = new DataTransfer()
      for (const { name, text } of given)
        transfer.items.add(new File([Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0))], name))
      return transfer
    }, parts)
    for (const type of ['dragenter', 'dragover', 'drop']) await target.dispatchEvent(type, { dataTransfer: data })
  }

  async send(): Promise<void> {
    await this.page.getByTestId('request-send').click()
  }

  /** Sends a GET to this address. */
  async request(url: string): Promise<void> {
    await this.page.getByTestId('request-url').fill(url)
    await this.send()
  }

  async open(tab: 'Console' | 'Playground' | 'Problems' | 'Build'): Promise<void> {
    await this.page.getByRole('tab', { name: tab, exact: true }).click()
  }

  /** Runs a command through the palette, as with the keyboard. */
  async command(label: string): Promise<void> {
    await expect(this.run).toBeVisible()
    await expect(this.page.locator('.react-flow__node').first()).toBeVisible()
    await this.page.keyboard.press('ControlOrMeta+Shift+P')
    const palette = this.page.getByTestId('palette')
    await expect(palette).toBeVisible()
    await this.page.keyboard.type(label)
    await palette.getByRole('option', { name: label }).first().click()
  }
}

/** A point of what a locator shows; the middle, or at a share of its width and height. */
export async function pointIn(
  locator: Locator,
  { across, down } = { across: 0.5, down: 0.5 },
): Promise<{ readonly x: number; readonly y: number }> {
  const box = await locator.boundingBox()
  if (!box) throw new Error(`${String(locator)} is not on the screen`)
  return { x: box.x + box.width * across, y: box.y + box.height * down }
}
