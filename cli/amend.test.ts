import { afterEach, describe, expect, it, vi } from 'vitest'
import { runCommand } from './amend'

describe('the command line', () => {
  const said = { out: '', err: '' }
  const listen = () => {
    said.out = ''
    said.err = ''
    vi.spyOn(process.stdout, 'write').mockImplementation(text => {
      said.out += text
      return true
    })
    vi.spyOn(process.stderr, 'write').mockImplementation(text => {
      said.err += text
      return true
    })
  }
  afterEach(() => vi.restoreAllMocks())

  it.each([
    [['frobnicate'], /There is no command "frobnicate"/],
    [['backup'], /Name one file/],
    [['restore', '--bogus', 'x.zip'], /Unknown option '--bogus'.*restore FILE/],
    [['start', '--prot', '3000'], /Unknown option '--prot'.*start \[--port/],
    [['constructor'], /There is no command/],
  ])(
    'answers %j with one sentence and exit code 2',
    async (words, sentence) => {
      listen()
      expect(await runCommand(words)).toBe(2)
      expect(said.err.trim()).toMatch(sentence)
      expect(said.err.trim().split('\n')).toHaveLength(1)
      expect(said.out).toBe('')
    },
    60_000,
  )

  it('lists every command with how to call it', async () => {
    listen()
    expect(await runCommand([])).toBe(0)
    for (const word of [
      'start',
      'migrate',
      'seed',
      'user create',
      'project create',
      'key create',
      'dataset list',
      'export --project',
      'backup FILE',
      'restore FILE',
      'doctor',
      'link',
    ])
      expect(said.out).toContain(`  ${word}`)
  })
})
