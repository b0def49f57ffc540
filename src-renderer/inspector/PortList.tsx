import { ChevronRight } from 'lucide-react'
import { useState } from 'react'
import type { Extern } from '../../src-engine/types/graph.ts'
import { Badge } from '../ui/Badge.tsx'
import type { ImportState } from './import-state.ts'
import styles from './inspector.module.css'
import { type Port, type PortGroup, groupPorts } from './interfaces.ts'

interface PortListProps {
  readonly label: string
  readonly externs: ReadonlyMap<string, Extern>
  /** How each import is satisfied; absent for exports and for library items. */
  readonly stateOf?: (name: string) => ImportState
  /** Names under which the composition exports it; absent for imports and for library items. */
  readonly exportedAs?: (name: string) => readonly string[]
  /** Shown open and in view. */
  readonly marked?: string | undefined
  /** What to say when there are none. */
  readonly none: string
}

/** Imports or exports by package, each unfolding to its functions and types. */
export function PortList({ label, externs, stateOf, exportedAs, marked, none }: PortListProps) {
  const groups = groupPorts(externs)
  if (groups.length === 0) return <p className={styles.none}>{none}</p>
  return (
    <ul className={styles.groups} aria-label={label}>
      {groups.map((group) => (
        <Group
          key={`${group.package}@${group.version ?? ''}`}
          group={group}
          stateOf={stateOf}
          exportedAs={exportedAs}
          marked={marked}
        />
      ))}
    </ul>
  )
}

function Group({
  group,
  stateOf,
  exportedAs,
  marked,
}: {
  readonly group: PortGroup
  readonly stateOf: PortListProps['stateOf']
  readonly exportedAs: PortListProps['exportedAs']
  readonly marked: string | undefined
}) {
  return (
    <li className={styles.group}>
      {group.package !== '' && (
        <div className={styles.groupHead}>
          <span className={styles.packageName}>{group.package}</span>
          {group.version !== undefined && <span className={styles.version}>@{group.version}</span>}
        </div>
      )}
      <ul>
        {group.ports.map((port) => (
          // A marked port is drawn anew, open.
          <PortRow
            key={`${port.name} ${port.name === marked}`}
            port={port}
            state={stateOf?.(port.name)}
            exported={exportedAs?.(port.name) ?? []}
            marked={port.name === marked}
          />
        ))}
      </ul>
    </li>
  )
}

function PortRow({
  port,
  state,
  exported,
  marked,
}: {
  readonly port: Port
  readonly state: ImportState | undefined
  readonly exported: readonly string[]
  readonly marked: boolean
}) {
  const [open, setOpen] = useState(marked || state?.kind === 'refused')
  return (
    <li data-testid={`inspector-port-${port.name}`}>
      <button
        type="button"
        className={styles.port}
        aria-expanded={open}
        data-marked={marked ? '' : undefined}
        ref={(element) => {
          if (marked) element?.scrollIntoView({ block: 'nearest' })
        }}
        onClick={() => setOpen(!open)}
      >
        <ChevronRight size={12} className={styles.chevron} data-open={open ? '' : undefined} aria-hidden />
        <span className={styles.portLabel} title={port.name}>
          {port.label}
        </span>
        {port.kind !== 'instance' && <span className={styles.faint}>{port.kind}</span>}
        {state && <StateBadge state={state} />}
        {exported.length > 0 && (
          <Badge tone="ok" title={`Exported as ${exported.join(', ')}`}>
            exported
          </Badge>
        )}
      </button>
      {open && (
        <div className={styles.portBody} data-selectable>
          {state?.kind === 'refused' && (
            <div className={styles.refusal} role="alert">
              {state.problem.message}
              {state.problem.hint !== undefined && <span className={styles.faint}> {state.problem.hint}</span>}
            </div>
          )}
          {(state?.kind === 'host' || state?.kind === 'open') && state.as !== undefined && (
            <div className={styles.faint}>merged into {state.as}</div>
          )}
          {port.functions.map((signature) => (
            <code key={signature} className={styles.signature}>
              {signature}
            </code>
          ))}
          {port.types.map((type) => (
            <code key={type} className={styles.typeLine}>
              {type}
            </code>
          ))}
          {port.functions.length + port.types.length === 0 && <span className={styles.faint}>It is empty.</span>}
        </div>
      )}
    </li>
  )
}

function StateBadge({ state }: { readonly state: ImportState }) {
  switch (state.kind) {
    case 'wired':
      return (
        <Badge tone="ok" title={`Wired to ${state.by}`}>
          <span className={styles.by}>← {state.by}</span>
        </Badge>
      )
    case 'host':
      return <Badge title="The host that runs the composition gives it">host</Badge>
    case 'open':
      return (
        <Badge tone="warning" title="Nobody gives it: it stays an import of the composition">
          open
        </Badge>
      )
    case 'refused':
      return <Badge tone="danger">refused</Badge>
    case 'unknown':
      return null
  }
}
