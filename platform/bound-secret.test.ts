import { afterEach, expect, it } from 'vitest'
import { boundSecret } from './bound-secret'

const name = 'AMEND_MODEL_KEY_BOUND'
afterEach(() => {
  delete process.env[name]
  delete process.env[`${name}_ORIGIN`]
})

it('goes to the origins that the operator named, and to no other', () => {
  process.env[name] = 'secret'
  process.env[`${name}_ORIGIN`] = 'https://models.example  https://OTHER.example:8443/'
  for (const url of [
    'https://models.example/v1/chat',
    'https://models.example:443/',
    'https://other.example:8443/x',
  ])
    expect(boundSecret(name, url), url).toEqual({ secret: 'secret' })
  for (const url of [
    'http://models.example/v1/chat',
    'https://models.example:444/',
    'https://models.example.evil.example/',
    'https://evil.example/https://models.example',
    'https://models.example@evil.example/',
  ])
    expect(boundSecret(name, url), url).toEqual({
      fault: `${name} is not for ${new URL(url).origin}. Its operator may add that to ${name}_ORIGIN and start the server again.`,
    })
})

it('stays here where nobody said for whom it is, or what was said is no address', () => {
  process.env[name] = 'secret'
  expect(boundSecret(name, 'https://models.example/v1')).toEqual({
    fault: `The server does not say where ${name} may be sent. Its operator sets ${name}_ORIGIN, as https://models.example, and starts it again.`,
  })
  process.env[`${name}_ORIGIN`] = 'null *'
  expect(boundSecret(name, 'https://models.example/v1')).toHaveProperty('fault')
  delete process.env[name]
  expect(boundSecret(name, 'https://models.example/v1')).toEqual({
    fault: `The server has no ${name} in its environment.`,
  })
})
