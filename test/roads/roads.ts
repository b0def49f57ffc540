/** The two roads for one component, in this process. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadDirect } from '../../src-main/runtime/direct/maker.ts'
import type { InstanceMaker } from '../../src-main/runtime/instance.ts'
import { repairScript } from '../../src-main/runtime/reference-script.ts'
import { loadReference } from '../../src-main/runtime/reference.ts'
import { blockingImports, waitingExports } from '../../src-main/runtime/wasi/host.ts'
import type { Tools } from '../../src-main/tools/tools.ts'

export const roads = ['direct', 'jco'] as const
export type Roads = Readonly<Record<(typeof roads)[number], InstanceMaker>>

/** Makes a component ready on both; `waiting` are exports that may wait beside those of WASI. `folder` takes generated code. */
export async function bothRoads(
  tools: Tools,
  bytes: Uint8Array,
  folder: string,
  waiting: readonly string[] = [],
): Promise<Roads> {
  const compile = (module: Uint8Array): WebAssembly.Module => new WebAssembly.Module(new Uint8Array(module))
  const linked = await tools.link(bytes, blockingImports)
  const direct = loadDirect(linked.plan, linked.modules.map(compile), false)
  const { files } = await tools.transpile(bytes, 'component', {
    instantiation: 'async',
    asyncMode: 'jspi',
    asyncImports: blockingImports,
    asyncExports: [...waitingExports, ...waiting],
  })
  mkdirSync(folder, { recursive: true })
  const modules: Record<string, WebAssembly.Module> = {}
  for (const [name, content] of Object.entries(files)) {
    if (name.endsWith('.wasm')) modules[name] = compile(content)
    else if (name.endsWith('.js'))
      writeFileSync(join(folder, 'component.mjs'), repairScript(Buffer.from(content).toString()))
  }
  return { direct, jco: await loadReference(join(folder, 'component.mjs'), modules) }
}
