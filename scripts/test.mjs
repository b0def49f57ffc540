/**
 * `npm test`: everything that must be true. Brings what is missing, then one line per step; a step that fails shows its output
 * and the others still run. The last line is `N passed, N failed`. In CI nothing may be skipped for want of a program.
 */
import { mkdirSync, rmSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { assertNothingMissing, canInstall, findBrowser, installPackages, missingForTests } from './provide/display.mjs'
import { build, buildEnvironment, isStale } from './provide/build.mjs'
import { provideNode } from './provide/node.mjs'
import { root } from './provide/places.mjs'
import { StepError, note, step } from './provide/report.mjs'
import { countPlaywright, countVitest, describe, sum } from './provide/results.mjs'
import { run } from './provide/run.mjs'
import { bail, setup } from './setup.mjs'

const strict = Boolean(process.env.CI)
const counts = []
let failedSteps = 0

try {
  await prepare()
} catch (error) {
  bail(error)
}
const node = await provideNode()
const env = { ...buildEnvironment, PATH: `${dirname(node)}${delimiter}${process.env.PATH ?? ''}` }
const reports = join(root, 'test-results')
rmSync(reports, { recursive: true, force: true })
mkdirSync(reports)

await check('Type check', ['typescript', 'bin', 'tsc'], ['--noEmit', '--pretty', 'false'])
await check('Lint', ['oxlint', 'bin', 'oxlint'], ['--deny-warnings'])
await check('Format', ['prettier', 'bin', 'prettier.cjs'], ['--check', '.', '--log-level', 'warn'])
const built = isStale() ? await attempt(() => step('Build', build, () => 'out')) : true
const unit = join(reports, 'unit.json')
await tests(
  'Unit tests',
  ['vitest', 'vitest.mjs'],
  ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${unit}`],
  unit,
  countVitest,
)
const windows = join(reports, 'windows.json')
// Without a build there is no window to test.
if (built)
  await tests(
    'Window and browser',
    ['@playwright/test', 'cli.js'],
    ['test', '--reporter=list,json'],
    windows,
    countPlaywright,
    { PLAYWRIGHT_JSON_OUTPUT_FILE: windows },
  )

const total = sum([...counts, { passed: 0, failed: failedSteps, skipped: 0 }])
console.log(describe(total))
process.exit(total.failed ? 1 : 0)

async function prepare() {
  const { problem } = await setup({ electron: true })
  if (problem) told(`no Electron: ${problem}`)
  let lack = await missingForTests()
  if (lack.missing.length && canInstall()) {
    await step(
      'System packages',
      (say) => installPackages(lack.packages, say),
      () => lack.missing.join(', '),
    )
    lack = await missingForTests()
  }
  if (!lack.missing.length) return
  if (strict) await step('System packages', async () => assertNothingMissing(lack))
  else
    await step('System packages', async () => assertNothingMissing(lack)).catch(() =>
      note('System packages', 'specs that need them are skipped'),
    )
  if (!findBrowser()) note('Browser', 'specs in the browser are skipped')
}

function told(text) {
  if (strict) throw new StepError(text)
  note('Electron', `${text}; specs in its window are skipped`)
}

/** A tool that is only right or wrong. */
async function check(name, path, args) {
  return attempt(() =>
    step(name, async () => {
      const { code, output } = await tool(path, args)
      if (code !== 0) throw new StepError('failed', output)
    }),
  )
}

/** A tool that counts. */
async function tests(name, path, args, report, count, more = {}) {
  await attempt(async () => {
    let result
    await step(
      name,
      async (say) => {
        result = await tool(path, args, more, (line) => say(line.slice(0, 70)))
        let counted
        try {
          counted = count(report)
        } catch {
          throw new StepError('ended without a report', result.output)
        }
        counts.push(counted)
        // Its failures are in the count already; told here, not counted again as a failed step.
        if (counted.failed) console.log(tail(result.output))
        else if (result.code !== 0) throw new StepError(`ended with ${result.code}`, result.output)
        return counted
      },
      describe,
    )
  })
}

function tool([packageName, ...file], args, more = {}, onLine = undefined) {
  return run(node, [join(root, 'node_modules', packageName, ...file), ...args], { env: { ...env, ...more }, onLine })
}

async function attempt(work) {
  try {
    await work()
    return true
  } catch (error) {
    failedSteps++
    console.error(error instanceof StepError ? tail(error.details) : error)
    return false
  }
}

function tail(output) {
  return output.trimEnd().split('\n').slice(-200).join('\n')
}
