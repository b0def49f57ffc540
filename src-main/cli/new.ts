import { join } from 'node:path'
import { fail } from '../../src-engine/error.ts'
import { createBuilder } from '../build/builder.ts'
import { createTools } from '../tools/tools.ts'
import { userFolder } from '../user-folder.ts'
import { findProject, shownPath, startProject } from './project-folder.ts'
import type { Verb } from './verb.ts'

const defaultTemplate = 'http-js'

export const create: Verb = {
  name: 'new',
  usage: 'NAME [-t TEMPLATE] | --list',
  examples: ['patchbay new greeter -t http-ts'],
  positionals: { max: 1 },
  options: {
    template: {
      type: 'string',
      short: 't',
      value: 'TEMPLATE',
      description: `what to start from; default ${defaultTemplate}`,
    },
    list: { type: 'boolean', description: 'list the templates' },
  },
  details: [
    'Writes src/NAME into the project that the current folder belongs to, and adds the component to it.',
    'Where there is no project, one is begun in the current folder.',
  ],
  async run({ arguments: given, output, cwd }) {
    const tools = createTools()
    const builder = createBuilder({ tools, cacheFolder: join(userFolder(), 'cache') })
    try {
      if (given.flag('list')) {
        const templates = await builder.templates()
        output.object({ templates })
        for (const { id, label, unavailable } of templates) {
          output.line(`${id.padEnd(14)}${label}${unavailable ? ` (not here: ${unavailable.message})` : ''}`)
        }
        return 0
      }
      const [name] = given.positionals
      if (name === undefined)
        throw fail('usage.arguments', 'new: a name is missing', { hint: `usage: patchbay new ${create.usage}` })
      const found = await findProject(cwd)
      const project = found ?? startProject(cwd)
      const { document } = project
      if (Object.hasOwn(document.components, name)) {
        throw fail('usage.name', `The project has a component "${name}" already`, { hint: 'Choose another name' })
      }
      // Finds out whether the project can be written before anything else is.
      await found?.save(document)
      const { source, path, open } = await builder.create(
        project.folder,
        name,
        given.text('template') ?? defaultTemplate,
      )
      await project.save({ ...document, components: { ...document.components, [name]: { path, source } } })
      const folder = join(project.folder, source)
      output.object({ name, source: folder, component: join(project.folder, path), open: join(folder, open) })
      output.line(shownPath(join(folder, open), cwd))
      output.note(`Edit it, then: patchbay build ${shownPath(folder, cwd)}`)
      return 0
    } finally {
      await builder.dispose()
      await tools.dispose()
    }
  },
}
