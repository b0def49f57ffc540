import { build } from '../../scripts/provide/build.mjs'

/** What is tested is what the sources say now. `PATCHBAY_BUILD=never` tests what is in `out`. */
export default async function buildWhenStale(): Promise<void> {
  if (process.env.PATCHBAY_BUILD !== 'never') await build()
}
