import { PanelBottom, PanelRight, X } from 'lucide-react'
import { IconButton } from '../ui/Button.tsx'
import { Tabs } from '../ui/Tabs.tsx'
import { TextPane } from './TextPane.tsx'
import { hideComposition, placeComposition, useCompositionView } from './view.ts'
import { WorldPane } from './WorldPane.tsx'

/** The composition as text and as a world, beside or below the canvas. */
export function CompositionPane({ below }: { readonly below: boolean }) {
  const tab = useCompositionView((view) => view.tab)
  const Icon = below ? PanelRight : PanelBottom
  return (
    <Tabs
      label="Text and world"
      testId="composition-pane"
      value={tab}
      onChange={(id) => useCompositionView.setState({ tab: id === 'world' ? 'world' : 'text' })}
      end={
        <>
          <IconButton
            label={below ? 'Put it beside the canvas' : 'Put it below the canvas'}
            size="small"
            onClick={() => placeComposition(!below)}
          >
            <Icon size={15} />
          </IconButton>
          <IconButton label="Hide text and world" size="small" onClick={hideComposition}>
            <X size={15} />
          </IconButton>
        </>
      }
      tabs={[
        { id: 'text', label: 'Text', content: <TextPane /> },
        { id: 'world', label: 'World', content: <WorldPane /> },
      ]}
    />
  )
}
