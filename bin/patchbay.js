#!/usr/bin/env node
/**
 * The `patchbay` command. Finds a Node that can run every guest (fetches it once where the system's is too old), builds
 * a checkout that has changed, and hands over to the command line proper.
 */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build, isStale } from '../scripts/provide/build.mjs'
import { findNode, provideNode } from '../scripts/provide/node.mjs'
import { root } from '../scripts/provide/places.mjs'
import { step, tellOnStderr } from '../scripts/provide/report.mjs'
import { bail, setup } from '../scripts/setup.mjs'

const entry = join(root, 'out', 'main', 'cli.js')
tellOnStderr()
try {
  if (existsSync(join(root, 'src-main'))) {
    await setup({ electron: false })
    if (process.env.PATCHBAY_BUILD !== 'never' && isStale()) await step('Build', build)
  }
  const node = findNode() ?? (await step('Node with JSPI', provideNode))
  if (node === process.execPath) await import(pathToFileURL(entry).href)
  else handOver(node)
} catch (error) {
  bail(error)
}

/** Runs the command line under another Node: same terminal, same signals, same exit code. */
function handOver(node) {
  const child = spawn(node, [entry, ...process.argv.slice(2)], { stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      // From a terminal the child has had it already; a second one would cut its drain short.
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal)
    })
  }
  child.once('exit', (code, signal) => {
    if (signal) {
      process.removeAllListeners(signal)
      process.kill(process.pid, signal)
    } else {
      process.exitCode = code ?? 1
    }
  })
}
