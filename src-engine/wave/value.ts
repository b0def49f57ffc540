/**
 * Values of the component model as plain data.
 *
 * `bool` boolean · 8- to 32-bit integers and floats number · 64-bit integers bigint · `char` and `string` string ·
 * lists and tuples array · records object with the names as WIT writes them · `enum` its name · `flags` the names that are
 * set · `option` and `result` and `variant` as {@link CaseValue}.
 */
export type WaveValue = boolean | number | bigint | string | readonly WaveValue[] | CaseValue | RecordValue

/** A case with its payload: `none`, `some`, `ok`, `err` or the name of a variant's case. */
export class CaseValue {
  readonly name: string
  readonly payload: WaveValue | undefined

  constructor(name: string, payload?: WaveValue) {
    this.name = name
    this.payload = payload
  }
}

/** A record: fields by name, in the order of the type. */
export class RecordValue {
  readonly fields: ReadonlyMap<string, WaveValue>

  constructor(fields: ReadonlyMap<string, WaveValue>) {
    this.fields = fields
  }
}

/** A kind of type that has no text, as a sentence names it. */
export function kindInWords(kind: string): string {
  return kind === 'own' || kind === 'borrow' ? 'a handle' : /^[aeiou]/.test(kind) ? `an ${kind}` : `a ${kind}`
}
