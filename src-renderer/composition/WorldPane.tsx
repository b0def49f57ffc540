import {
  ArrowRight,
  Check,
  Circle,
  CircleDashed,
  LogOut,
  PencilLine,
  Target as TargetIcon,
  Trash2,
  TriangleAlert,
  X,
} from 'lucide-react'
import { useState } from 'react'
import { runCommand } from '../commands/registry.ts'
import { exportSource, removeFromCanvas } from '../state/composition.ts'
import { decodedOf } from '../state/decoded.ts'
import { openDialog, showDrawer } from '../state/layout.ts'
import { usePlan } from '../state/plan.ts'
import { useProject } from '../state/project.ts'
import { exportWire, revealInstance, selectOnCanvas, useSelection } from '../state/selection.ts'
import { Badge } from '../ui/Badge.tsx'
import { Button, IconButton } from '../ui/Button.tsx'
import { EmptyState } from '../ui/EmptyState.tsx'
import { Checkbox } from '../ui/Field.tsx'
import { formatCount } from '../ui/format.ts'
import { ProblemNotice } from '../ui/ProblemNotice.tsx'
import { Spinner } from '../ui/Spinner.tsx'
import styles from './composition.module.css'
import { chooseTarget, matchExactly, type Target, useTarget } from './target.ts'
import { composedWorld, offersOf, type WorldItem } from './world-items.ts'

/** What the composition needs and gives at this moment, imports left and exports right, against an optional target world. */
export function WorldPane() {
  const target = useTarget()
  const exact = useProject((project) => project.tables.target['world']?.exact ?? false)
  const plan = usePlan((planned) => planned.plan)
  const graph = usePlan((planned) => planned.graph)
  const problems = usePlan((planned) => planned.problems.length)
  const instances = useProject((project) => Object.keys(project.tables.instances).length)
  if (instances === 0)
    return (
      <EmptyState
        icon={<TargetIcon size={24} />}
        title="No world yet"
        actions={
          <Button look="primary" onClick={() => void runCommand('canvas.add')}>
            Add a component
          </Button>
        }
      >
        Put components on the canvas; what they need together and what they give is listed here, and compared with a
        world if you choose one.
      </EmptyState>
    )
  if (!plan)
    return (
      <div className={styles.waiting}>
        <Spinner label="Planning" />
      </div>
    )
  const versions = exact ? 'exact' : 'compatible'
  const world = composedWorld(plan, graph, target.state === 'ready' ? target.type : undefined, { versions })
  return (
    <div className={styles.world} data-testid="composition-world">
      <TargetBar target={target} exact={exact} failures={world.failures} />
      {target.state === 'failed' && (
        <ProblemNotice
          problem={target.problem}
          actions={
            <Button size="small" onClick={target.retry}>
              Try again
            </Button>
          }
        />
      )}
      {problems > 0 && (
        <p className={styles.note}>
          <TriangleAlert size={13} className={styles.bad} aria-hidden />
          <span>
            {formatCount(problems, 'problem')} of the wiring: the world is as far as it could be planned.{' '}
            <button type="button" className={styles.link} onClick={() => showDrawer('problems')}>
              Show
            </button>
          </span>
        </p>
      )}
      <div className={styles.sides}>
        <Side
          title="Imports"
          items={world.imports}
          none="It needs nothing."
          folded={target.state === 'none' ? 'host' : 'spare'}
        />
        <Side
          title="Exports"
          items={world.exports}
          none="Nothing is exported yet. Draw a wire from an export to World exports, or choose exports of an instance."
          folded={undefined}
        />
      </div>
    </div>
  )
}

function TargetBar({
  target,
  exact,
  failures,
}: {
  readonly target: Target
  readonly exact: boolean
  readonly failures: number | undefined
}) {
  return (
    <div className={styles.target} data-testid="target-bar">
      {target.state === 'none' ? (
        <span className={styles.faint}>Not compared with a world.</span>
      ) : (
        <span className={styles.targetName}>
          {target.state === 'loading' ? (
            <Spinner size={12} label="Reading the target world" />
          ) : target.state === 'failed' ? (
            <X size={14} className={styles.bad} aria-hidden />
          ) : failures === 0 ? (
            <Check size={14} className={styles.good} aria-hidden />
          ) : (
            <X size={14} className={styles.bad} aria-hidden />
          )}
          <span className={styles.targetText} role="status">
            {target.state === 'ready'
              ? failures === 0
                ? 'Fits '
                : `${formatCount(failures ?? 0, 'thing')} keep${failures === 1 ? 's' : ''} it out of `
              : target.state === 'failed'
                ? 'Cannot read '
                : 'Reading '}
            <code>{target.label}</code>
          </span>
        </span>
      )}
      {target.state !== 'none' && (
        <Checkbox
          checked={exact}
          title="Versions must be equal; else 0.2.0 goes with 0.2.12"
          onChange={(event) => matchExactly(event.target.checked)}
        >
          Exact versions
        </Checkbox>
      )}
      <Button size="small" icon={<TargetIcon size={13} />} onClick={() => openDialog({ kind: 'target-world' })}>
        {target.state === 'none' ? 'Compare with a world…' : 'Change…'}
      </Button>
      {target.state !== 'none' && (
        <IconButton label="Compare with no world" size="small" onClick={() => chooseTarget(undefined)}>
          <X size={14} />
        </IconButton>
      )}
    </div>
  )
}

interface SideProps {
  readonly title: string
  readonly items: readonly WorldItem[]
  readonly none: string
  /** Which items are folded into one line: what the host gives, or what a target offers beyond what is used. */
  readonly folded: 'host' | 'spare' | undefined
}

function Side({ title, items, none, folded }: SideProps) {
  const [open, setOpen] = useState(false)
  const quiet = (item: WorldItem): boolean =>
    folded === 'host'
      ? item.host
      : folded === 'spare'
        ? item.state === 'spare' || (item.host && item.state === 'fits')
        : false
  const loud = items.filter((item) => !quiet(item))
  const rest = items.filter(quiet)
  return (
    <section className={styles.side} aria-label={title}>
      <h3 className={styles.sideTitle}>
        {title}{' '}
        <span className={styles.faint}>{items.length - rest.filter((item) => item.state === 'spare').length}</span>
      </h3>
      {items.length === 0 && <p className={styles.none}>{none}</p>}
      <ul>
        {loud.map((item) => (
          <Item key={`${item.name}`} item={item} />
        ))}
        {rest.length > 0 && (
          <li>
            <button type="button" className={styles.fold} aria-expanded={open} onClick={() => setOpen(!open)}>
              {open
                ? 'Fewer'
                : `${rest.length} ${folded === 'host' ? 'given by the host' : 'more that the world offers'}`}
            </button>
          </li>
        )}
        {open && rest.map((item) => <Item key={`${item.name}`} item={item} />)}
      </ul>
    </section>
  )
}

const marks = {
  fits: { Icon: Check, word: 'fits', tone: 'good' },
  differs: { Icon: X, word: 'differs', tone: 'bad' },
  missing: { Icon: X, word: 'missing', tone: 'bad' },
  spare: { Icon: CircleDashed, word: 'extra', tone: 'faint' },
  open: { Icon: Circle, word: 'not compared', tone: 'faint' },
} as const

function Item({ item }: { readonly item: WorldItem }) {
  const mark = marks[item.state]
  const Icon = item.problem === undefined ? mark.Icon : TriangleAlert
  const [port] = item.ports
  const selected = useSelection((selection) =>
    item.side === 'export'
      ? selection.wires.has(exportWire(item.name))
      : selection.port?.side === 'in' &&
        item.ports.some((one) => one.instance === selection.port?.instance && one.name === selection.port.name),
  )
  const explicit = useProject((project) => item.side === 'export' && Object.hasOwn(project.tables.exports, item.name))
  const who = item.side === 'export' ? item.from : listOfInstances(item)
  const missing = item.side === 'export' && item.state === 'missing'
  return (
    <li
      className={styles.item}
      data-state={item.state}
      data-selected={selected || undefined}
      data-testid={`world-${item.side}-${item.name}`}
    >
      <Icon
        size={13}
        className={styles[item.problem === undefined ? mark.tone : 'bad']}
        aria-label={item.problem === undefined ? mark.word : 'problem'}
      />
      <div className={styles.itemText}>
        <button
          type="button"
          className={styles.itemName}
          title={port ? `${item.name}: show ${port.instance} on the canvas` : item.name}
          disabled={!port}
          onClick={() => port && show(item)}
        >
          {item.name.includes('/') && (
            <span className={styles.origin}>{item.name.slice(0, item.name.indexOf('/') + 1)}</span>
          )}
          {item.label}
          {item.version !== '' && <span className={styles.version}>@{item.version}</span>}
        </button>
        {item.companion && <Badge title="Exported as well, because another export needs its types">companion</Badge>}
        {who !== undefined && <span className={styles.who}>{who}</span>}
        {item.problem !== undefined && <span className={styles.wrong}>{item.problem}</span>}
        {item.note !== undefined && (
          <span className={item.state === 'differs' || item.state === 'missing' ? styles.wrong : styles.who}>
            {item.note}
          </span>
        )}
        {item.hint !== undefined && <span className={styles.hint}>{item.hint}</span>}
        {missing && <Offers name={item.name} />}
      </div>
      {explicit && (
        <span className={styles.itemActions}>
          <IconButton
            label={`Rename export ${item.label}`}
            size="small"
            onClick={() => openDialog({ kind: 'rename-export', name: item.name })}
          >
            <PencilLine size={13} />
          </IconButton>
          <IconButton
            label={`Stop exporting ${item.label}`}
            size="small"
            onClick={() => removeFromCanvas([], [exportWire(item.name)])}
          >
            <Trash2 size={13} />
          </IconButton>
        </span>
      )}
    </li>
  )
}

function show(item: WorldItem): void {
  const [port] = item.ports
  if (!port) return
  revealInstance(port.instance, port.name === '' ? undefined : { side: port.side, name: port.name })
  if (item.side === 'export' && Object.hasOwn(useProject.getState().tables.exports, item.name))
    selectOnCanvas([port.instance], [exportWire(item.name)])
}

function listOfInstances(item: WorldItem): string | undefined {
  const names = [...new Set(item.ports.map((port) => port.instance))]
  if (names.length === 0) return undefined
  const list = names.length > 3 ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more` : names.join(', ')
  return item.host ? `${list} · given by the host` : list
}

/** Who on the canvas has what the target world misses: one click exports it. */
function Offers({ name }: { readonly name: string }) {
  const graph = usePlan((planned) => planned.graph)
  const offers = offersOf(
    graph,
    (instance) =>
      decodedOf(graph.packages[graph.instances[instance]?.package ?? '']?.hash ?? '')?.type.exports.keys() ?? [],
    name,
  )
  if (offers.length === 0) return <span className={styles.who}>Nobody on the canvas has it.</span>
  return (
    <span className={styles.offers}>
      {offers.slice(0, 4).map((offer) => (
        <Button
          key={offer.instance}
          size="small"
          icon={<LogOut size={12} />}
          onClick={() => exportSource(offer.name, { kind: 'instance', instance: offer.instance, path: [offer.name] })}
        >
          Export it from {offer.instance}
        </Button>
      ))}
      {offers.length > 4 && (
        <span className={styles.who}>
          <ArrowRight size={12} aria-hidden /> and {offers.length - 4} more
        </span>
      )}
    </span>
  )
}
