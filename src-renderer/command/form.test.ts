import { describe, expect, it } from 'vitest'
import { emptyForm, inputOf } from './form.ts'

describe('the form of a command', () => {
  it('reads words, pairs and patterns', () => {
    const { input, errors } = inputOf({
      arguments: `one 'two words' "a\\"b" --x=1`,
      environment: 'A=1\n\nB= with = signs ',
      directories: '/data = ./some where',
      allowHosts: '*.a.org  b:80\n',
      allowNet: 'listen:1 c\n',
      stdin: 'text\n',
    })
    expect(errors).toEqual({})
    expect(input).toEqual({
      arguments: ['one', 'two words', 'a"b', '--x=1'],
      environment: { A: '1', B: ' with = signs ' },
      directories: { '/data': './some where' },
      allowHosts: ['*.a.org', 'b:80'],
      allowNet: ['listen:1', 'c'],
      stdin: 'text\n',
    })
    expect(inputOf(emptyForm).input.arguments).toEqual([])
  })

  it('says which field cannot be read, and where', () => {
    const { errors } = inputOf({ ...emptyForm, arguments: "it's", environment: 'A=1\nnothing', directories: '/data=' })
    expect(Object.keys(errors).toSorted()).toEqual(['arguments', 'directories', 'environment'])
    expect(errors.environment).toBe('Line 2 is not like NAME=VALUE')
  })
})
