import { dirname } from 'node:path'
import { planComposition } from '../../src-engine/compose/build-plan.ts'
import { typeOfPlan } from '../../src-engine/compose/plan.ts'
import { fail, type Problem } from '../../src-engine/error.ts'
import { describeFit, fitWorld } from '../../src-engine/subtype/targets.ts'
import type { ComponentType } from '../../src-engine/types/graph.ts'
import { targetOf as targetOfScript, worldOfTarget } from '../../src-engine/wac/target.ts'
import { WitPackages } from '../../src-engine/wit/packages.ts'
import type { ProjectDocument } from '../../src-preload/contract.ts'
import { absolutePath } from '../project/library.ts'
import { builtinNames, builtinPlace, projectPlaces, readWitPlace } from '../project/wit-places.ts'
import { readCode } from './component-file.ts'
import { fromProject } from './compose.ts'
import { projectFile } from './project-folder.ts'
import { printProblem, type Verb, type VerbContext } from './verb.ts'
import { readWorld } from './wit-source.ts'

const componentPrefix = 'component:'

/** What is held against a world. */
interface Subject {
  readonly type: ComponentType
  /** What a composition has wrong in itself. */
  readonly problems: readonly Problem[]
}

/** The world it is held against, and what it is called. */
interface Target {
  readonly type: ComponentType
  readonly label: string
  /** The project says that versions must be equal. */
  readonly exact?: boolean
}

export const targets: Verb = {
  name: 'targets',
  usage: 'FILE WIT | PROJECT [WIT] [-w WORLD] [--exact]',
  examples: ['patchbay targets handler.wasm builtin:wasi-0.2.12 -w proxy', 'patchbay targets my-project'],
  positionals: { min: 1, max: 2 },
  options: {
    world: { type: 'string', short: 'w', value: 'WORLD', description: 'the world, where WIT has more than one' },
    exact: { type: 'boolean', description: 'versions must be equal; else 0.2.0 goes with 0.2.12' },
  },
  details: [
    'WIT is a .wit file, a folder of them (with deps/), a component whose world is taken, or builtin:NAME, which Patchbay brings.',
    'PROJECT is a folder with a patchbay.json: its composition is held against the project’s own target world, or against WIT.',
    'Exit code 1 when something keeps it out of the world, or the composition itself has problems.',
  ],
  async run(context) {
    const { arguments: given, output, cwd } = context
    const [path = '', wit] = given.positionals
    const file = await projectFile(path, cwd)
    const [subject, target] =
      file === undefined ? await ofComponent(context, path, wit) : await ofProject(context, file, wit)
    const exact = given.flag('exact') || target.exact === true
    const failures = fitWorld(subject.type, target.type, { versions: exact ? 'exact' : 'compatible' })
      .filter(({ state }) => state === 'missing' || state === 'differs')
      .map((item) => ({
        side: item.side,
        name: item.side === 'export' ? (item.worldName ?? item.name) : item.name,
        wanted: item.wanted,
        reason: describeFit(item) ?? '',
        ...(item.hint === undefined ? {} : { hint: item.hint }),
      }))
    const fits = failures.length === 0 && subject.problems.length === 0
    output.object({
      fits,
      world: target.label,
      failures,
      ...(subject.problems.length === 0 ? {} : { problems: subject.problems }),
    })
    for (const problem of subject.problems) output.note(printProblem(problem))
    if (fits) output.line(`${path} fits ${target.label}`)
    else if (failures.length > 0)
      output.line(
        `${failures.length} ${failures.length === 1 ? 'thing keeps' : 'things keep'} ${path} out of ${target.label}`,
      )
    for (const { side, name, reason, hint } of failures) {
      output.line(`${side} ${name}: ${reason}`)
      if (hint !== undefined) output.line(`  ${hint}`)
    }
    return fits ? 0 : 1
  },
}

async function ofComponent(
  { arguments: given, cwd }: VerbContext,
  path: string,
  wit: string | undefined,
): Promise<[Subject, Target]> {
  if (wit === undefined)
    throw fail('usage.arguments', `there is no world to hold "${path}" against`, {
      hint: 'Name WIT behind it: patchbay targets FILE WIT. Only a project may have a target world of its own.',
    })
  const { decoded } = await readCode(path, cwd)
  return [{ type: decoded.type, problems: [] }, await targetOf(wit, cwd, given.text('world'))]
}

async function ofProject(
  { arguments: given, cwd }: VerbContext,
  file: string,
  wit: string | undefined,
): Promise<[Subject, Target]> {
  const { graph, parts, document } = await fromProject(file)
  const plan = planComposition(graph, (hash) => parts.get(hash)?.decoded)
  const world = given.text('world')
  const target = wit === undefined ? await ownTarget(document, file, world) : await targetOf(wit, cwd, world)
  return [{ type: typeOfPlan(plan), problems: plan.problems }, target]
}

/** The world that the project says its composition is meant for; another one of the same WIT where it is named. */
async function ownTarget(
  { target, components, script }: ProjectDocument,
  file: string,
  name: string | undefined,
): Promise<Target> {
  if (!target)
    throw fail('usage.arguments', `${file} names no target world`, {
      where: { file, path: ['target'] },
      hint: 'Name WIT behind the project, or choose a world in the window: “Compare with a world…” in the World pane.',
    })
  const folder = dirname(file)
  const exact = target.exact ?? false
  if (target.place === 'script' && name === undefined)
    return { ...(await scriptTarget(script ?? '', file, folder)), exact }
  const id = target.place.startsWith(componentPrefix) ? target.place.slice(componentPrefix.length) : undefined
  if (id === undefined) return { ...(await targetOf(target.place, folder, name ?? target.world)), exact }
  const component = components[id]
  if (!component)
    throw fail('input.project', `the target world is that of "${id}", which the project does not have`, {
      where: { file, path: ['target', 'place'] },
      hint: 'Choose another target world in the window, or name WIT behind the project.',
    })
  const { type } = await targetOf(absolutePath(folder, component.path), folder, name ?? target.world)
  return { type, label: `the world of ${id}`, exact }
}

/** The world that the project's script declares itself, or finds in WIT of the project and of Patchbay. */
async function scriptTarget(script: string, file: string, folder: string): Promise<Target> {
  const packages = new WitPackages()
  for (const place of [...(await builtinNames()).map(builtinPlace), ...(await projectPlaces(folder))]) {
    // Each place is whole in itself; the project's take the place of those that Patchbay brings.
    const alone = new WitPackages()
    for (const files of (await readWitPlace(place, folder)).folders) alone.addFolder(files)
    for (const each of alone.all()) packages.add(each)
  }
  const type = worldOfTarget(script, packages)
  if (type) return { type, label: targetOfScript(script) ?? 'the world of the script' }
  throw fail('input.project', 'the target world is that of the script, which targets none', {
    where: { file, path: ['target', 'place'] },
    hint: 'Choose another target world in the window, or name WIT behind the project.',
  })
}

async function targetOf(wit: string, cwd: string, world: string | undefined): Promise<Target> {
  return { type: await readWorld(wit, cwd, world), label: world ?? wit }
}
