import { problemOf } from '../src-engine/error.ts'
import { startClipboard } from './canvas/clipboard.ts'
import { addCommandEvent } from './command/store.ts'
import { usePlayground } from './playground/store.ts'
import { registerAllCommands } from './commands/all.ts'
import { startNativeMenu } from './commands/native-menu.ts'
import { runCommand } from './commands/registry.ts'
import { startShortcuts } from './commands/shortcuts.ts'
import { startAutosave } from './state/autosave.ts'
import { addBuildEvent } from './state/build.ts'
import { connect } from './state/client.ts'
import { adoptLibrary, adoptProject, adoptRun, loadProject, useProject } from './state/project.ts'
import { startScript } from './composition/text.ts'
import { startPlanning } from './state/plan.ts'
import { startReplacedReport } from './state/replaced.ts'
import { countTraffic, startTraffic } from './state/traffic.ts'
import { loadRecent } from './state/recent.ts'
import { addLines, addRecords, loadRuntime, setRunStatus } from './state/runtime.ts'
import { startSession } from './state/session.ts'
import { loadSettings } from './state/settings.ts'
import { notify, showProblem } from './ui/notify.tsx'

/** Connects the stores to the workbench and loads what it has. Called once. */
export async function startWindow(): Promise<void> {
  registerAllCommands()
  try {
    const client = await connect()
    client.on('project.library', ({ library }) => adoptLibrary(library))
    client.on('project.opened', adoptProject)
    client.on('project.run', adoptRun)
    client.on('runtime.status', setRunStatus)
    client.on('runtime.records', ({ records }) => {
      addRecords(records)
      countTraffic(records, Date.now())
    })
    client.on('runtime.lines', ({ lines }) => addLines(lines))
    client.on('requests.part', ({ id, response }) => usePlayground.getState().receive(id, response))
    client.on('build.event', addBuildEvent)
    client.on('command.event', addCommandEvent)
    client.on('window.command', ({ command }) => void runCommand(command))
    client.on('workbench.problem', (problem) => showProblem(problem))
    // Events of the time without a connection are lost: ask again. Edits are here, not there, so the project stays.
    client.connection.subscribe((state) => {
      if (state === 'open') void (useProject.getState().status === 'ready' ? loadRuntime() : loadAll()).catch(report)
    })
    await startSession(client)
    startAutosave((problem) => showProblem(problem, 'warning'))
    startPlanning()
    startReplacedReport()
    startScript()
    startTraffic()
    startShortcuts()
    tellOfOpened()
    startClipboard()
    startNativeMenu()
    await loadAll()
  } catch (thrown) {
    useProject.setState({ status: 'failed', problem: problemOf(thrown) })
  }
}

async function loadAll(): Promise<void> {
  await Promise.all([loadSettings(), loadProject(), loadRuntime()])
  await loadRecent()
}

function report(thrown: unknown): void {
  showProblem(problemOf(thrown))
}

/** Says what a person should know of a project that was just opened. */
function tellOfOpened(): void {
  useProject.subscribe((now, before) => {
    if (now.generation === before.generation) return
    if (now.recovered) notify('Unsaved work of the last session was restored', { detail: 'Save to keep it.' })
    if (now.readOnly) showProblem(now.readOnly, 'warning')
  })
}
