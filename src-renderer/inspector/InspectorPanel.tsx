import { isWorld } from '../state/document.ts'
import { useProject } from '../state/project.ts'
import { useSelection } from '../state/selection.ts'
import { EmptyState } from '../ui/EmptyState.tsx'
import { ComponentView } from './ComponentView.tsx'
import { WireView } from './WireView.tsx'
import { WorldView } from './WorldView.tsx'
import styles from './inspector.module.css'

/** Details of what is selected: a wire, an instance, a library item, else the composition itself. */
export function InspectorPanel() {
  const { instances, wires, libraryItem } = useSelection()
  const tables = useProject((project) => project.tables)
  const library = useProject((project) => project.library)
  const [wire] = wires
  const [instance] = instances
  return (
    <div className={styles.root} data-testid="inspector-content">
      {content()}
    </div>
  )

  function content() {
    if (instances.size + wires.size > 1) return <Several instances={[...instances]} wires={wires.size} />
    if (wire !== undefined) return <WireView key={wire} wire={wire} />
    if (instance !== undefined && !isWorld(instance)) {
      const item = library.find((one) => one.id === tables.instances[instance]?.package)
      return <ComponentView key={instance} item={item} instance={instance} />
    }
    const item = library.find((one) => one.id === libraryItem)
    return item ? <ComponentView key={item.id} item={item} instance={undefined} /> : <WorldView />
  }
}

function Several({ instances, wires }: { readonly instances: readonly string[]; readonly wires: number }) {
  const named = instances.filter((id) => !isWorld(id))
  return (
    <EmptyState title={`${instances.length + wires} things selected`}>
      {named.length > 0 && named.join(', ')}
      {wires > 0 && ` ${named.length > 0 ? 'and ' : ''}${wires === 1 ? '1 wire' : `${wires} wires`}`}
    </EmptyState>
  )
}
