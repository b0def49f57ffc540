/** Ports of each instance, both ways. */
const ports = ['alpha', 'beta', 'gamma', 'delta', 'epsilon'] as const
const rows = 10

/** 210 instances in columns of ten, every import but those of the first column wired to the column before: a thousand wires. */
export function largeGraph() {
  const instances = Array.from({ length: 210 }, (_, index) => ({
    id: `part-${index}`,
    x: Math.floor(index / rows) * 340,
    y: (index % rows) * 250,
  }))
  const wires = instances.flatMap(({ id }, index) => {
    const column = Math.floor(index / rows)
    if (column === 0) return []
    return ports.map((port, at) => ({ from: `part-${(column - 1) * rows + ((index + at) % rows)}`, to: id, port }))
  })
  return { ports, instances, wires }
}

/** The WIT of a component with those ports. */
export const largeWorld = `package bench:large;
${ports.map((port) => `interface ${port} { run: func(text: string) -> u32; }`).join('\n')}
world part {
${ports.map((port) => `  import ${port};\n  export ${port};`).join('\n')}
}`
