import { type Page, expect } from '@playwright/test'

/** Nothing runs over the edges of the window, no words are cut off without a sign, nothing lies on top of a control. */
export async function expectTidy(page: Page, state: string): Promise<void> {
  expect.soft(await page.evaluate(findUntidy), state).toEqual([])
}

/** Runs in the page; answers what is wrong, a line for each. */
function findUntidy(): string[] {
  const found: string[] = []
  const width = document.documentElement.clientWidth
  const height = document.documentElement.clientHeight
  const nameOf = (element: Element): string =>
    `<${element.tagName.toLowerCase()} ${element.getAttribute('data-testid') ?? element.getAttribute('aria-label') ?? element.className}> ${(element.textContent ?? '').trim().slice(0, 50)}`
  const own = (element: Element): boolean => !element.closest('.monaco-editor, [aria-hidden="true"], [inert]')

  if (document.documentElement.scrollWidth > width) found.push('the page scrolls sideways')
  if (document.documentElement.scrollHeight > height) found.push('the page scrolls')

  for (const box of document.querySelectorAll(
    '[role=dialog], [role=alertdialog], [role=menu], [data-sonner-toast], [data-testid=verdict-tip], [role=tooltip]',
  )) {
    // One that is on its way out may be half outside.
    if (!own(box) || box.matches('[data-visible=false], [data-removed=true]')) continue
    const { left, top, right, bottom } = box.getBoundingClientRect()
    if (right - left < 2) continue
    if (left < -1 || top < -1 || right > width + 1 || bottom > height + 1)
      found.push(`outside the window: ${nameOf(box)}`)
  }

  for (const element of document.querySelectorAll<HTMLElement>('body *')) {
    if (!own(element) || !element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue
    if (element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement) {
      const brush = document.createElement('canvas').getContext('2d')
      const style = getComputedStyle(element)
      if (!brush || element.value !== '' || element.placeholder === '' || element.clientWidth < 2) continue
      brush.font = style.font
      const room = element.clientWidth - Number.parseFloat(style.paddingLeft) - Number.parseFloat(style.paddingRight)
      const [longest = 0] = element.placeholder
        .split('\n')
        .map((line) => brush.measureText(line).width)
        .sort((left, right) => right - left)
      if (longest > room + 1)
        found.push(`the placeholder "${element.placeholder}" has ${Math.round(room)} of ${Math.round(longest)} pixels`)
      continue
    }
    const says = [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.nodeValue?.trim())
    if (!says) continue
    const style = getComputedStyle(element)
    if (element.clientWidth < 2 || style.clip !== 'auto' || style.clipPath !== 'none') continue
    const hides = style.overflowX === 'hidden' || style.overflowX === 'clip'
    if (hides && element.scrollWidth > element.clientWidth + 1 && style.textOverflow !== 'ellipsis')
      found.push(`cut off sideways: ${nameOf(element)}`)
    const hidesBelow = style.overflowY === 'hidden' || style.overflowY === 'clip'
    if (hidesBelow && element.scrollHeight > element.clientHeight + 3 && style.webkitLineClamp === 'none')
      found.push(`cut off below: ${nameOf(element)}`)
  }

  const modal = [
    ...document.querySelectorAll('[role=dialog][data-state=open], [role=alertdialog][data-state=open]'),
  ].at(-1)
  for (const control of (modal ?? document.body).querySelectorAll(
    'button, input, select, textarea, a[href], [role=tab]',
  )) {
    // What lies on the canvas may be covered by what is laid over it.
    if (
      !own(control) ||
      control.closest('.react-flow__renderer') ||
      !control.checkVisibility({ opacityProperty: true })
    )
      continue
    const { left, top, right, bottom } = control.getBoundingClientRect()
    if (right - left < 4 || bottom - top < 4) continue
    const [x, y] = [(left + right) / 2, (top + bottom) / 2]
    if (x < 0 || y < 0 || x >= width || y >= height || !inView(control, x, y)) continue
    const hit = document.elementFromPoint(x, y)
    if (!hit || hit === control || control.contains(hit) || hit.contains(control)) continue
    if (hit.closest('label')?.contains(control) || hit.closest('[data-sonner-toast], [data-testid=coach]')) continue
    found.push(`${nameOf(control)} lies beneath ${nameOf(hit)}`)
  }
  return found

  function inView(element: Element, x: number, y: number): boolean {
    for (let parent = element.parentElement; parent; parent = parent.parentElement) {
      const style = getComputedStyle(parent)
      if (style.overflowX === 'visible' && style.overflowY === 'visible') continue
      const box = parent.getBoundingClientRect()
      if (x < box.left || x > box.right || y < box.top || y > box.bottom) return false
    }
    return true
  }
}
