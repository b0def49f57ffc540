import { PencilLine, Plus, Trash2 } from 'lucide-react'
import { Fragment, useMemo } from 'react'
import { disconnect } from '../../src-engine/compose/edit.ts'
import { type CompositionGraph, argumentKey } from '../../src-engine/compose/graph.ts'
import { commandEntries } from '../commands/entries.tsx'
import { useContextNow } from '../commands/context.ts'
import { runCommand } from '../commands/registry.ts'
import { CommandButton } from '../commands/CommandButton.tsx'
import { groupOf } from '../state/annotations.ts'
import { connectPorts, exportSource, removeFromCanvas, removeWorldImport } from '../state/composition.ts'
import { decodedOf, useDecoded } from '../state/decoded.ts'
import { graphOf, importsNode, withGraph } from '../state/document.ts'
import { openDialog } from '../state/layout.ts'
import { usePlan } from '../state/plan.ts'
import { edit, useProject } from '../state/project.ts'
import { exportWire, selectOnCanvas, useSelection } from '../state/selection.ts'
import { Button, IconButton } from '../ui/Button.tsx'
import { EmptyState } from '../ui/EmptyState.tsx'
import { Checkbox, Select } from '../ui/Field.tsx'
import { Menu } from '../ui/Menu.tsx'
import { classes } from '../ui/classes.ts'
import { Annotations } from './AnnotationList.tsx'
import { LiveBadge } from './LiveBadge.tsx'
import styles from './ListView.module.css'
import { type CanvasModel, type InstanceModel, type PortModel, canvasModel } from './model.ts'
import { newPortSlot } from './ports.ts'
import { sourceOf, verdictsFor } from './verdicts.ts'

/** The composition as a list: the same graph and the same edits as on the canvas, for keyboard and screen reader. */
export function ListView() {
  const graph = useProject((project) => graphOf(project.tables))
  const library = useProject((project) => project.library)
  const decoded = useDecoded((now) => now.byHash)
  const problems = usePlan((plan) => plan.problems)
  const model = useMemo(() => canvasModel({ graph, library, decoded, problems }), [graph, library, decoded, problems])
  const context = useContextNow()
  return (
    <div className={styles.root} data-testid="list-view">
      <div className={styles.head}>
        <h2 className={styles.title}>Composition</h2>
        <Menu
          trigger={<Button icon={<Plus size={14} />}>Add</Button>}
          entries={commandEntries(['canvas.add', 'components.add', 'build.new'], context)}
        />
        <CommandButton command="canvas.wireAll" />
        <CommandButton command="canvas.list" />
      </div>
      {model.instances.length === 0 && (
        <EmptyState
          title="No instances yet"
          actions={
            <Button look="primary" onClick={() => void runCommand('canvas.add')}>
              Add a component
            </Button>
          }
        >
          Each instance is listed with its imports and what gives them.
        </EmptyState>
      )}
      {model.instances.map((instance) => (
        <Instance key={instance.id} instance={instance} graph={graph} />
      ))}
      {model.exports.length > 0 && <World model={model} />}
      {model.imports.length > 0 && <Imports model={model} />}
      <Annotations />
    </div>
  )
}

function Instance({ instance, graph }: { readonly instance: InstanceModel; readonly graph: CompositionGraph }) {
  const selected = useSelection((selection) => selection.instances.has(instance.id))
  const group = useProject(({ tables: { groups } }) => groups[groupOf(groups, instance.id) ?? '']?.name)
  return (
    <section
      className={classes(styles.instance, selected && styles.selected)}
      aria-label={instance.id}
      onFocus={() => !selected && selectOnCanvas([instance.id])}
    >
      <div className={styles.instanceHead}>
        <h3 className={styles.name}>{instance.id}</h3>
        <span className={styles.package}>
          {[
            instance.purposeLabel,
            instance.packageName === instance.id ? '' : instance.packageName,
            group === undefined ? '' : `in ${group}`,
          ]
            .filter(Boolean)
            .join(' · ')}
        </span>
        <LiveBadge instance={instance.id} packageId={instance.package} />
        <Button size="small" onClick={() => openDialog({ kind: 'exports', instance: instance.id })}>
          Choose exports…
        </Button>
        <IconButton label={`Delete ${instance.id}`} size="small" onClick={() => removeFromCanvas([instance.id], [])}>
          <Trash2 size={14} />
        </IconButton>
      </div>
      {instance.trouble && <p className={styles.problem}>{instance.trouble.message}</p>}
      {instance.problems.map((problem) => (
        <p key={problem} className={styles.problem}>
          {problem}
        </p>
      ))}
      <div className={styles.columns}>
        <ul aria-label={`Imports of ${instance.id}`}>
          {instance.inputs.map((port) => (
            <Import key={port.name} instance={instance.id} port={port} graph={graph} />
          ))}
          {instance.hostInputs.length > 0 && (
            <li className={styles.host}>
              Given by the host: {instance.hostInputs.map((port) => port.label).join(', ')}
            </li>
          )}
          {instance.inputs.length + instance.hostInputs.length === 0 && (
            <li className={styles.host}>Imports nothing</li>
          )}
        </ul>
        <ul aria-label={`Exports of ${instance.id}`}>
          {instance.outputs.map((port) => (
            <Export key={port.name} instance={instance.id} port={port} graph={graph} />
          ))}
        </ul>
      </div>
    </section>
  )
}

/** An import with everything that could give it. */
function Import({
  instance,
  port,
  graph,
}: {
  readonly instance: string
  readonly port: PortModel
  readonly graph: CompositionGraph
}) {
  const wire = graph.arguments[argumentKey(instance, port.name)]
  const current =
    wire === undefined
      ? ''
      : wire.source.kind === 'instance'
        ? `${wire.source.instance} ${wire.source.path[0] ?? ''}`
        : `${importsNode} ${wire.source.import}`
  const plan = usePlan((now) => (now.graph === graph ? now.plan : undefined))
  const choices = useMemo(() => {
    if (!plan) return []
    const found = verdictsFor({ graph, plan, decodedOf }, { instance, side: 'in', name: port.name })
    return [...found].flatMap(([key, verdict]) => {
      const match = /^(\S+) out (.+)$/.exec(key)
      if (!match) return []
      const [, provider = '', name = ''] = match
      return [{ value: `${provider} ${name}`, provider, name, fits: verdict.fits !== 'no', sentence: verdict.sentence }]
    })
  }, [graph, plan, instance, port.name])
  const change = (value: string): void => {
    if (value === '')
      edit(`Disconnect ${port.label}`, (tables) => withGraph(tables, disconnect(graphOf(tables), instance, port.name)))
    const choice = choices.find((candidate) => candidate.value === value)
    if (choice?.provider === importsNode && choice.name === newPortSlot)
      openDialog({ kind: 'import-port', instance, name: port.name })
    else if (choice) connectPorts(instance, port.name, sourceOf({ instance: choice.provider, name: choice.name }))
  }
  return (
    <li className={styles.port}>
      <label>
        <span className={styles.portName} title={port.name}>
          {port.label} <small>{port.version}</small>
        </span>
        <Select
          value={current}
          onChange={(event) => change(event.target.value)}
          aria-invalid={port.problem !== undefined || undefined}
        >
          <option value="">not wired</option>
          {choices
            .filter((choice) => choice.fits || choice.value === current)
            .map((choice) => (
              <option key={choice.value} value={choice.value}>
                {choice.provider !== importsNode
                  ? `${choice.provider} › ${choice.name}`
                  : choice.name === newPortSlot
                    ? 'import from the world as…'
                    : `World imports › ${choice.name}`}
              </option>
            ))}
        </Select>
      </label>
      {port.problem !== undefined && <p className={styles.problem}>{port.problem}</p>}
    </li>
  )
}

function Export({
  instance,
  port,
  graph,
}: {
  readonly instance: string
  readonly port: PortModel
  readonly graph: CompositionGraph
}) {
  const exported = Object.entries(graph.exports).find(
    ([, { source }]) => source.kind === 'instance' && source.instance === instance && source.path[0] === port.name,
  )?.[0]
  const taken = exported === undefined && Object.hasOwn(graph.exports, port.name)
  return (
    <li className={styles.port}>
      <Checkbox
        checked={exported !== undefined}
        disabled={taken}
        onChange={(event) =>
          event.target.checked
            ? exportSource(port.name, sourceOf({ instance, name: port.name }))
            : exported !== undefined && removeFromCanvas([], [exportWire(exported)])
        }
      >
        <span className={styles.portName} title={port.name}>
          {port.label} <small>{port.version}</small>
        </span>
        <span className={styles.host}>
          {exported === undefined ? (taken ? 'exported by another' : 'export it') : 'exported'}
        </span>
      </Checkbox>
    </li>
  )
}

/** What is imported by a declaration, and who takes it. */
function Imports({ model }: { readonly model: CanvasModel }) {
  return (
    <section className={styles.instance} aria-label="World imports">
      <h3 className={styles.name}>World imports</h3>
      <ul>
        {model.imports.map((name) => (
          <li key={name} className={styles.row}>
            <span className={styles.portName}>{name}</span>
            <span className={styles.host}>{takersOf(model, name)}</span>
            <IconButton
              label={`Rename import ${name}`}
              size="small"
              onClick={() => openDialog({ kind: 'rename-import', name })}
            >
              <PencilLine size={14} />
            </IconButton>
            <IconButton label={`Delete import ${name}`} size="small" onClick={() => removeWorldImport(name)}>
              <Trash2 size={14} />
            </IconButton>
          </li>
        ))}
      </ul>
    </section>
  )
}

function takersOf({ wires }: CanvasModel, name: string): string {
  const takers = wires.filter(({ from }) => from.instance === importsNode && from.name === name)
  return takers.length === 0 ? 'nobody takes it' : `to ${takers.map(({ to }) => to.instance ?? to.name).join(', ')}`
}

function World({ model }: { readonly model: CanvasModel }) {
  return (
    <section className={styles.instance} aria-label="World exports">
      <h3 className={styles.name}>World exports</h3>
      <ul>
        {model.wires
          .filter((wire) => wire.to.instance === undefined)
          .map((wire) => (
            <Fragment key={wire.key}>
              <li className={styles.row}>
                <span className={styles.portName}>{wire.to.name}</span>
                <span className={styles.host}>
                  from {wire.from.instance === importsNode ? 'outside' : wire.from.instance}
                </span>
                <IconButton
                  label={`Rename export ${wire.to.name}`}
                  size="small"
                  onClick={() => openDialog({ kind: 'rename-export', name: wire.to.name })}
                >
                  <PencilLine size={14} />
                </IconButton>
                <IconButton
                  label={`Stop exporting ${wire.to.name}`}
                  size="small"
                  onClick={() => removeFromCanvas([], [wire.key])}
                >
                  <Trash2 size={14} />
                </IconButton>
              </li>
              {wire.problem !== undefined && <li className={styles.problem}>{wire.problem}</li>}
            </Fragment>
          ))}
      </ul>
    </section>
  )
}
