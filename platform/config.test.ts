import { describe, expect, it } from 'vitest'
import { parseConfig } from './config'

describe('parseConfig', () => {
  it('needs nothing: an embedded database in .amend, port 3000 on loopback', () => {
    const config = parseConfig({ AMEND_ROOT: '/srv/amend' })
    expect(config).toMatchObject({
      home: '/srv/amend/.amend',
      port: 3000,
      host: '127.0.0.1',
      databaseUrl: null,
      preparedStatements: true,
      testMode: false,
    })
  })

  it.each([
    ['PORT', '70000'],
    ['DATABASE_URL', 'mysql://localhost/x'],
    ['AUTH_URL', 'not an address'],
    ['AMEND_PREPARED', 'maybe'],
    ['NODE_ENV', 'staging'],
  ])('names %s when it is wrong', (name, value) => {
    expect(() => parseConfig({ [name]: value })).toThrow(new RegExp(`^${name} `))
  })

  it('refuses a weak AUTH_SECRET and does not repeat it', () => {
    const weak = 'hunter2hunter2'
    expect(() => parseConfig({ AUTH_SECRET: weak })).toThrow(/AUTH_SECRET must have at least 32 characters/)
    expect(() => parseConfig({ AUTH_SECRET: weak })).not.toThrow(new RegExp(weak))
  })

  it('refuses production on a shared database without AUTH_SECRET, and takes it with one', () => {
    const env = { NODE_ENV: 'production', DATABASE_URL: 'postgres://a:b@db/amend' }
    expect(() => parseConfig(env)).toThrow(/AUTH_SECRET is missing/)
    expect(parseConfig({ ...env, AUTH_SECRET: 'x'.repeat(32) }).authSecret).toHaveLength(32)
  })

  it('refuses a movable clock in production', () => {
    const env = {
      NODE_ENV: 'production',
      DATABASE_URL: 'postgres://a:b@db/amend',
      AUTH_SECRET: 'x'.repeat(32),
    }
    expect(() => parseConfig({ ...env, AMEND_TEST: '1' })).toThrow(/AMEND_TEST/)
  })

  it('takes an empty variable for one that is not set', () => {
    expect(parseConfig({ DATABASE_URL: '', PORT: '' })).toMatchObject({ databaseUrl: null, port: 3000 })
  })
})
