import { describe, expect, it } from 'vitest'
import { checkNewPassword, hashPassword, passwordMatches } from './passwords'

describe('passwords', () => {
  it('are argon2id with 19 MiB, two passes and one lane', async () => {
    const stored = await hashPassword('correct horse battery')
    expect(stored).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
    expect(await passwordMatches(stored, 'correct horse battery')).toBe(true)
    expect(await passwordMatches(stored, 'correct horse batterz')).toBe(false)
    expect(await passwordMatches(null, 'no account has this password')).toBe(false)
  })

  it('match however the same letters were composed', async () => {
    const stored = await hashPassword('ação e pão em casa'.normalize('NFD'))
    expect(await passwordMatches(stored, 'ação e pão em casa'.normalize('NFC'))).toBe(true)
  })

  it.each(['short', 'x'.repeat(201), 'ana@example.test', 'ANA@example.test', 'aaaaaaaaaaaa'])(
    'may not be %s',
    password => {
      expect(() => checkNewPassword(password, 'ana@example.test')).toThrowError(
        expect.objectContaining({ code: 'invalid_input' }),
      )
    },
  )

  it('queue up to a limit; beyond it the answer is to try again', async () => {
    const stored = await hashPassword('one two three four')
    const results = await Promise.allSettled(
      Array.from({ length: 70 }, () => passwordMatches(stored, 'one two three four')),
    )
    const refused = results.filter(result => result.status === 'rejected')
    expect(refused).toHaveLength(70 - 2 - 64)
    expect(refused[0]).toMatchObject({ reason: { code: 'unavailable' } })
    expect(await passwordMatches(stored, 'one two three four')).toBe(true)
  })
})
