import { describe, expect, it } from 'vitest'
import { redact } from './log'

describe('redact', () => {
  it('keeps credentials and what people wrote out of the log, at any depth', () => {
    const planted = {
      headers: { authorization: 'Bearer amend_secret', cookie: 'amend.session=planted' },
      person: { password: 'planted', sessionToken: 'planted' },
      body: { text: 'planted' },
      list: [{ apiKey: 'planted', payload: 'planted' }],
      url: 'postgres://amend:planted@127.0.0.1:5432/amend',
      kept: 'GET /api/v1/health',
    }
    const text = JSON.stringify(redact(planted))
    expect(text).not.toContain('planted')
    expect(text).not.toContain('amend_secret')
    expect(text).toContain('GET /api/v1/health')
  })

  it('keeps the values of a failed query out, and its code and constraint in', () => {
    const fromPostgres = Object.assign(new Error('invalid input syntax for type uuid: "planted"'), {
      severity: 'ERROR',
      code: '22P02',
      detail: 'Key (email)=(planted) already exists.',
      constraint: 'users_email',
    })
    const fromDrizzle = Object.assign(new Error('Failed query: insert …\nparams: planted'), {
      query: 'insert into users values ($1)',
      params: ['planted'],
      cause: fromPostgres,
    })
    const text = JSON.stringify(redact({ err: fromDrizzle }))
    expect(text).not.toContain('planted')
    expect(text).toContain('22P02')
    expect(text).toContain('users_email')
  })
})
