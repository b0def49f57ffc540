import { expect, it } from 'vitest'
import { Bag } from './bag.ts'

it('a bag holds what was put in and not taken out, and may change while it is gone through', () => {
  const bag = new Bag<string>()
  for (const value of ['a', 'b', 'c', 'd']) bag.add(value)
  expect([bag.size, bag.has('b'), bag.has('x')]).toEqual([4, true, false])
  expect([bag.delete('b'), bag.delete('b'), bag.delete('d')]).toEqual([true, false, true])
  expect([...bag].toSorted()).toEqual(['a', 'c'])
  const seen: string[] = []
  for (const value of bag) {
    seen.push(value)
    bag.delete(value)
    bag.add(`${value}${value}`)
  }
  expect(seen.toSorted()).toEqual(['a', 'c'])
  expect([...bag].toSorted()).toEqual(['aa', 'cc'])
})
