/** WIT made at random but from a seed: packages of interfaces that use each other's types, in two versions, and worlds over them. */

export type Random = (limit: number) => number

/** Whole numbers below a limit, the same sequence for the same seed. (mulberry32) */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0
  return (limit) => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit
  }
}

interface Interface {
  readonly name: string
  readonly values: readonly string[]
  readonly resources: readonly string[]
  readonly text: string
}

const primitives = ['bool', 'u8', 's16', 'u32', 's64', 'f32', 'f64', 'char', 'string']

/** A type over the names in scope; `async` types of WASI 0.3 when `modern`. */
function typeText(
  random: Random,
  values: readonly string[],
  resources: readonly string[],
  modern: boolean,
  depth = 0,
): string {
  const inner = () => typeText(random, values, resources, modern, depth + 1)
  const pick = random(depth > 1 ? 6 : modern ? 15 : 12)
  if (pick < 3 && values.length > 0) return values[random(values.length)] ?? 'u32'
  if (pick === 3 && resources.length > 0) return resources[random(resources.length)] ?? 'u32'
  switch (pick) {
    case 6:
      return `list<${inner()}>`
    case 7:
      return `option<${inner()}>`
    case 8:
      return `result<${inner()}, ${inner()}>`
    case 9:
      return `tuple<${inner()}, ${inner()}>`
    case 10:
      return 'result'
    case 12:
      return `stream<${inner()}>`
    case 13:
      return `future<${inner()}>`
    case 14:
      return `map<string, ${inner()}>`
    default:
      return primitives[random(primitives.length)] ?? 'u32'
  }
}

function functionText(
  random: Random,
  values: readonly string[],
  resources: readonly string[],
  modern: boolean,
): string {
  const parameters = Array.from({ length: random(3) }, (_, index) => {
    const borrowed = resources.length > 0 && random(4) === 0
    const type = borrowed
      ? `borrow<${resources[random(resources.length)] ?? ''}>`
      : typeText(random, values, resources, modern)
    return `p${index}: ${type}`
  })
  const result = random(3) === 0 ? '' : ` -> ${typeText(random, values, resources, modern)}`
  return `${modern && random(3) === 0 ? 'async ' : ''}func(${parameters.join(', ')})${result}`
}

function makeInterface(
  random: Random,
  name: string,
  earlier: readonly Interface[],
  version: number,
  modern: boolean,
): Interface {
  const lines: string[] = []
  const values: string[] = []
  const resources: string[] = []
  for (const other of earlier) {
    const wanted = [...other.values.filter(() => random(3) === 0), ...other.resources.filter(() => random(2) === 0)]
    if (wanted.length === 0) continue
    const renamed = wanted.map((each) => ({ each, as: `${each}-of-${other.name}` }))
    lines.push(`use ${other.name}.{${renamed.map(({ each, as }) => `${each} as ${as}`).join(', ')}};`)
    for (const { each, as } of renamed) (other.resources.includes(each) ? resources : values).push(as)
  }
  const count = 1 + random(4)
  for (let index = 0; index < count; index++) {
    const type = () => typeText(random, values, resources, modern)
    const named = `t${index}`
    switch (random(7)) {
      case 0:
        lines.push(
          `resource ${named} { constructor(a: u32); m: ${functionText(random, values, resources, modern)}; s: static ${functionText(random, values, resources, modern)}; }`,
        )
        resources.push(named)
        continue
      case 1:
        lines.push(`record ${named} { a: ${type()}, b: ${type()} }`)
        break
      case 2:
        lines.push(`variant ${named} { a(${type()}), b }`)
        break
      case 3: {
        const grown = random(6) === 0 && version > 0
        lines.push(`enum ${named} { a, b${grown ? ', c' : ''} }`)
        break
      }
      case 4:
        lines.push(`flags ${named} { a, b, c }`)
        break
      case 5:
        lines.push(`resource ${named};`)
        resources.push(named)
        continue
      default:
        lines.push(`type ${named} = ${values.length > 0 && random(2) === 0 ? values[random(values.length)] : type()};`)
    }
    values.push(named)
  }
  const functions = 1 + random(3)
  for (let index = 0; index < functions; index++)
    lines.push(`f${index}: ${functionText(random, values, resources, modern)};`)
  if (version > 0) lines.push(`newer: ${functionText(randomFrom(version), values, resources, modern)};`)
  const mapped = {
    name,
    values: values.filter((each) => !each.includes('-of-')),
    resources: resources.filter((each) => !each.includes('-of-')),
  }
  return { ...mapped, text: `interface ${name} { ${lines.join(' ')} }` }
}

export interface GeneratedWorld {
  readonly wit: string
  readonly world: string
}

/** Worlds over one package in versions 1.0.0 and 1.1.0, which is built of the same random choices and one function more. */
export function generateWorlds(seed: number, count: number, modern: boolean): GeneratedWorld[] {
  const random = randomFrom(seed)
  const versions = [0, 1].map((version) => {
    const choices = randomFrom(seed * 31 + 7)
    const interfaces: Interface[] = []
    for (let index = 0; index < 4; index++)
      interfaces.push(makeInterface(choices, `i${index}`, interfaces.slice(-2), version, modern))
    return interfaces
  })
  return Array.from({ length: count }, (_, index) => {
    const version = random(3) === 0 ? 1 : 0
    const interfaces = versions[version] ?? []
    const at = (name: string) => `r:p${seed}/${name}@1.${version}.0`
    const lines: string[] = []
    for (const each of interfaces) {
      const role = random(5)
      if (role === 0 || role === 3) lines.push(`import ${at(each.name)};`)
      if (role === 1 || role === 3) lines.push(`export ${at(each.name)};`)
    }
    const [first] = interfaces
    const value = first?.values[0]
    if (first && value !== undefined && random(3) === 0) {
      lines.push(`use ${at(first.name)}.{${value}};`)
      lines.push(`import take: func(a: ${value}) -> ${value};`)
      if (random(2) === 0) lines.push(`export give: func() -> ${value};`)
    }
    if (random(3) === 0)
      lines.push(`${random(2) === 0 ? 'import' : 'export'} plain: func(a: list<u8>) -> option<string>;`)
    if (lines.length === 0) lines.push('export run: func();')
    const wit = `package w:w${index}; package r:p${seed}@1.${version}.0 { ${interfaces.map((each) => each.text).join('\n')} } world w { ${lines.join(' ')} }`
    return { wit, world: 'w' }
  })
}
