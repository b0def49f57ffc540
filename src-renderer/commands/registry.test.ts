import { beforeAll, describe, expect, it } from 'vitest'
import { registerAllCommands } from './all.ts'
import { readContext } from './context.ts'
import { menuTree, nativeMenu, type MenuNode } from './menu.ts'
import { allCommands, blockedBy, commandForKeys, findCommand, labelOf } from './registry.ts'

describe('the registry', () => {
  beforeAll(() => registerAllCommands())

  it('gives no shortcut to two commands', () => {
    const owners = new Map<string, string[]>()
    for (const command of allCommands())
      for (const keys of command.keys ?? []) owners.set(keys, [...(owners.get(keys) ?? []), command.id])
    expect([...owners].filter(([, ids]) => ids.length > 1)).toEqual([])
  })

  it('gives no label to two commands', () => {
    const labels = allCommands().map((command) => labelOf(command, readContext()))
    expect(labels.filter((label, index) => labels.indexOf(label) !== index)).toEqual([])
  })

  it('has a command behind every row of the menus', () => {
    const unknown: string[] = []
    const walk = (nodes: readonly MenuNode[]): void => {
      for (const node of nodes) {
        if (typeof node !== 'string') walk(node.nodes)
        else if (node !== '-' && !findCommand(node.replace(/\|.*$/, ''))) unknown.push(node)
      }
    }
    for (const menu of menuTree({ electron: true, recent: [{ path: '/a', name: 'a' }] })) walk(menu.nodes)
    expect(unknown).toEqual([])
  })

  it('says why a command cannot run before a project is open', () => {
    const reasons = ['file.save', 'run.start', 'run.stop', 'edit.undo', 'edit.delete', 'canvas.rename'].map((id) => {
      const command = findCommand(id)
      return command && blockedBy(command, readContext())
    })
    expect(reasons).toEqual([
      'No project is open.',
      'No project is open.',
      'Nothing is running.',
      'Nothing to undo.',
      'Nothing is selected on the canvas.',
      'Select one instance first.',
    ])
  })

  it('draws the menus without doubled or trailing lines', () => {
    for (const { nodes } of menuTree({ electron: false, recent: [] })) {
      const items = nativeMenu(nodes, readContext())
      expect(items.at(0)?.separator).toBeUndefined()
      expect(items.at(-1)?.separator).toBeUndefined()
      expect(items.some((item, index) => item.separator === true && items[index + 1]?.separator === true)).toBe(false)
    }
  })

  it('leaves plain keys to a field, but not shortcuts with Mod', () => {
    const press = (key: string, ctrlKey: boolean): KeyboardEvent =>
      Object.assign(new Event('keydown'), {
        key,
        code: '',
        ctrlKey,
        metaKey: false,
        shiftKey: false,
        altKey: false,
      }) as KeyboardEvent
    expect(commandForKeys(press('Delete', false), true)?.id).toBeUndefined()
    expect(commandForKeys(press('Delete', false), false)?.id).toBe('edit.delete')
    expect(commandForKeys(press('s', true), true)?.id).toBe('file.save')
    expect(commandForKeys(press('F5', false), true)?.id).toBe('run.start')
  })
})
