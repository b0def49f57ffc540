import { bail, setup } from './setup.mjs'
import { build, isStale } from './provide/build.mjs'
import { note, step } from './provide/report.mjs'

try {
  await setup({ electron: false })
  if (isStale()) await step('Build', build, () => 'out')
  else note('Build', 'out is up to date')
} catch (error) {
  bail(error)
}
