import AxeBuilder from '@axe-core/playwright'
import { expect, type Workbench } from '../harness/test.ts'

/**
 * No violations that axe finds in what the window shows now; inside the code editor Monaco has its own ways. With `rules`
 * only those are looked at; `state` is what a failure calls it.
 */
export async function expectAccessible(
  { page }: Pick<Workbench, 'page'>,
  rules?: readonly string[],
  state?: string,
): Promise<void> {
  // All of it is one document: nothing is to be put together in a second page, which Electron's one window cannot open and
  // which takes a browser longer than the look itself. What passed is not described.
  const axe = new AxeBuilder({ page })
    .setLegacyMode(true)
    .options({ resultTypes: ['violations'] })
    .exclude('.monaco-editor')
  const { violations } = await (rules ? axe.withRules([...rules]) : axe).analyze()
  const found = violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html.slice(0, 160))])
  expect(found, state).toEqual([])
}
