import { useLayout } from '../state/layout.ts'

/** The tab shown; the choice stays from one selection to the next where both have it. */
export function useInspectorTab(ids: readonly string[]): readonly [string, (id: string) => void] {
  const tab = useLayout((layout) => layout.inspectorTab)
  return [ids.includes(tab) ? tab : (ids[0] ?? ''), (id) => useLayout.setState({ inspectorTab: id })]
}
