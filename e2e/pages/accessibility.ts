import AxeBuilder from '@axe-core/playwright'
import { expect, type Workbench } from '../harness/test.ts'

/**
 * No violations that axe finds in what the window shows now; inside the code editor Monaco has its own ways. With `rules`
 * only those are looked at.
 */
export async function expectAccessible(
  { page, host }: Pick<Workbench, 'page' | 'host'>,
  rules?: readonly string[],
): Promise<void> {
  // Electron's one window cannot open the page that axe would like to finish in.
  const axe = new AxeBuilder({ page }).setLegacyMode(host === 'electron').exclude('.monaco-editor')
  const { violations } = await (rules ? axe.withRules([...rules]) : axe).analyze()
  expect(violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html.slice(0, 160))])).toEqual([])
}
