import { join } from 'node:path'
import { expect, test, type Workbench } from '../harness/test.ts'
import { expectAccessible } from '../pages/accessibility.ts'
import { expectTidy } from './tidiness.ts'

interface Size {
  readonly width: number
  readonly height: number
}

export const small: Size = { width: 1280, height: 800 }
export const large: Size = { width: 2560, height: 1440 }

/** Takes a state of the window in both sizes and both themes, and looks whether each is as it should be. */
export class Gallery {
  readonly #workbench: Workbench

  constructor(workbench: Workbench) {
    this.#workbench = workbench
  }

  /** A small window that follows the theme of the system, at rest. */
  async open(): Promise<void> {
    await this.#workbench.page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' })
    await this.resize(small)
  }

  async resize(size: Size): Promise<void> {
    await this.#workbench.page.setViewportSize(size)
  }

  /** The state that is on the screen now, in both sizes; it must outlive a change of the size. `settle` is done after each. */
  async show(name: string, settle?: () => Promise<void>): Promise<void> {
    for (const size of [large, small]) {
      await this.resize(size)
      await settle?.()
      await this.showAt(size, name)
    }
  }

  /** The state in the size that the window has. */
  async showAt(size: Size, name: string): Promise<void> {
    const { page, host } = this.#workbench
    const info = test.info()
    for (const colorScheme of schemes(size, host)) {
      await page.emulateMedia({ colorScheme })
      await expect(page.locator('html')).toHaveAttribute('data-theme', colorScheme, { timeout: 30_000 })
      await page.evaluate(drawn)
      const path = join(info.project.outputDir, 'pictures', `${name}-${size.width}-${colorScheme}-${host}.png`)
      await page.screenshot({ path })
      await info.attach(`${name}-${size.width}-${colorScheme}`, { path, contentType: 'image/png' })
      // What axe sees does not depend on the size, and only the colours on the theme.
      if (size === small || host === 'electron')
        await expectAccessible(this.#workbench, colorScheme === 'dark' ? ['color-contrast'] : undefined)
    }
    await expectTidy(page, `${name} at ${size.width}×${size.height}`)
  }
}

/** Both themes in both sizes; where drawing takes twice as long, each size has one, and the colours of both are checked. */
function schemes(size: Size, host: Workbench['host']): readonly ('dark' | 'light')[] {
  if (host === 'browser') return ['dark', 'light']
  return size === small ? ['light'] : ['dark']
}

/** Runs in the page: everything is drawn as the style sheets say now. */
async function drawn(): Promise<void> {
  for (let frame = 0; frame < 2; frame++) await new Promise((resolve) => requestAnimationFrame(resolve))
  await Promise.allSettled(document.getAnimations().map(({ finished }) => finished))
  await new Promise((resolve) => requestAnimationFrame(resolve))
}
