/**
 * `node scripts/run.mjs TOOL ARGS…`: runs a tool of `node_modules/.bin`, or `node` itself, under the Node that the project needs.
 * What the package.json scripts use, so that nobody has to know which Node that is.
 */
import { spawn } from 'node:child_process'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { buildEnvironment } from './provide/build.mjs'
import { findNode, provideNode } from './provide/node.mjs'
import { root } from './provide/places.mjs'
import { StepError, step } from './provide/report.mjs'
import { bail } from './setup.mjs'

const [tool, ...args] = process.argv.slice(2)
try {
  if (!tool) throw new StepError('usage: node scripts/run.mjs TOOL ARGS…')
  const node = findNode() ?? (await step('Node with JSPI', provideNode))
  const script = tool === 'node' ? [] : [scriptOf(tool)]
  // Tools that start tools find the same Node first.
  const env = { ...process.env, ...buildEnvironment, PATH: `${dirname(node)}${delimiter}${process.env.PATH ?? ''}` }
  const child = spawn(node, [...script, ...args], { stdio: 'inherit', cwd: root, env })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.once('exit', (code, signal) => {
    process.exitCode = code ?? (signal ? 1 : 0)
  })
} catch (error) {
  if (error instanceof StepError && !error.details) console.error(error.message)
  bail(error)
}

/** The script behind a command; found by the packages' manifests because `.bin` holds shell scripts on Windows. */
function scriptOf(name) {
  const modules = join(root, 'node_modules')
  if (!existsSync(modules)) throw new StepError('nothing is installed yet: run npm run setup')
  const candidates = [name]
  for (const entry of readdirSync(modules)) {
    if (entry.startsWith('@'))
      for (const scoped of readdirSync(join(modules, entry))) candidates.push(`${entry}/${scoped}`)
    else if (!entry.startsWith('.')) candidates.push(entry)
  }
  for (const candidate of candidates) {
    let manifest
    try {
      manifest = JSON.parse(readFileSync(join(modules, candidate, 'package.json'), 'utf8'))
    } catch {
      continue
    }
    const bin =
      typeof manifest.bin === 'string' ? { [manifest.name.split('/').pop()]: manifest.bin } : (manifest.bin ?? {})
    if (bin[name]) return join(modules, candidate, bin[name])
  }
  throw new StepError(`there is no tool named ${name} in node_modules`)
}
