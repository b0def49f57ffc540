import { ChevronDown } from 'lucide-react'
import { panels } from '../panels.tsx'
import { useProblemCounts } from '../console/ProblemsPanel.tsx'
import { type DrawerTab, useLayout } from '../state/layout.ts'
import { useCommand } from '../command/store.ts'
import { useBuild } from '../state/build.ts'
import { Badge } from '../ui/Badge.tsx'
import { IconButton } from '../ui/Button.tsx'
import { Spinner } from '../ui/Spinner.tsx'
import { Tabs } from '../ui/Tabs.tsx'

/** What happens at the bottom: console, playground, problems, build. */
export function Drawer() {
  const tab = useLayout((layout) => layout.drawerTab)
  const { problems } = useProblemCounts()
  const commanding = useCommand((view) => view.run !== undefined)
  const building = useBuild(({ builds }) => Object.values(builds).some((build) => build.state === 'running'))
  const { console: Console, playground: Playground, problems: Problems, build: Build, command: Command } = panels
  return (
    <Tabs
      label="Drawer"
      testId="drawer-tabs"
      value={tab}
      onChange={(id) => useLayout.setState({ drawerTab: id as DrawerTab })}
      end={
        <IconButton label="Hide the drawer" size="small" onClick={() => useLayout.setState({ drawerOpen: false })}>
          <ChevronDown size={15} />
        </IconButton>
      }
      tabs={[
        { id: 'console', label: 'Console', content: <Console />, keep: true },
        { id: 'playground', label: 'Playground', content: <Playground />, keep: true },
        {
          id: 'problems',
          label: 'Problems',
          badge: problems > 0 ? <Badge tone="danger">{problems}</Badge> : undefined,
          content: <Problems />,
        },
        {
          id: 'build',
          label: 'Build',
          badge: building ? <Spinner size={10} /> : undefined,
          content: <Build />,
          keep: true,
        },
        {
          id: 'command',
          label: 'Command',
          badge: commanding ? <Spinner size={10} /> : undefined,
          content: <Command />,
          keep: true,
        },
      ]}
    />
  )
}
