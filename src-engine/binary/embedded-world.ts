import type { ComponentType } from '../types/graph.ts'
import { decode, type DecodedComponent } from './decode.ts'
import type { CustomSection } from './structure.ts'

/** The world that a core module was made for, as toolchains embed it for `component new`. */
export interface EmbeddedWorld {
  /** `namespace:package/world@version` */
  readonly name: string
  readonly type: ComponentType
  /** How the module's code holds strings. */
  readonly strings: 'utf8' | 'utf16' | 'latin1+utf16'
  /** The packages that the section declares, for printing. */
  readonly declarations: DecodedComponent['declarations']
}

const encodings = ['utf8', 'utf16', 'latin1+utf16'] as const

/**
 * Reads the `component-type` sections of a core module: WIT packages in the binary format, one for each library with
 * bindings of its own. What is damaged is left out. (wit-component, metadata.)
 */
export function readEmbeddedWorlds(bytes: Uint8Array, customs: readonly CustomSection[]): EmbeddedWorld[] {
  return customs.flatMap(({ name, content, end }) => {
    if (name !== 'component-type' && !name.startsWith('component-type:')) return []
    try {
      const section = bytes.subarray(content, end)
      const { declarations, structure } = decode(section)
      const encoding = structure.customs.find((custom) => custom.name === 'wit-component-encoding')
      // A version of the format, then the encoding.
      const strings = encodings[encoding ? (section[encoding.content + 1] ?? 0) : 0] ?? 'utf8'
      return [...declarations.values()].flatMap((declared) =>
        [...declared.exports].flatMap(([world, extern]): EmbeddedWorld[] =>
          extern.kind === 'component' ? [{ name: world, type: extern.type, strings, declarations }] : [],
        ),
      )
    } catch {
      // Information lost, not a broken module.
      return []
    }
  })
}
