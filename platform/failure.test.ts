import { describe, expect, it } from 'vitest'
import { Failure, sentenceFor } from './failure'

describe('sentenceFor', () => {
  it.each([
    [{ code: 'EADDRINUSE', port: 3000 }, /Port 3000 is taken.*PORT=3001/],
    [{ code: 'ENOSPC' }, /disk is full/],
    [{ code: '53100' }, /disk is full/],
    [{ code: 'EACCES', path: '/srv/amend' }, /\/srv\/amend.*AMEND_HOME/],
    [{ code: 'ECONNREFUSED', address: '10.0.0.1', port: 5432 }, /10\.0\.0\.1:5432 doesn't answer/],
    [{ code: '28P01' }, /user or password/],
    [{ code: '3D000' }, /doesn't exist/],
  ])('says what to do about %j', (error, sentence) => {
    expect(sentenceFor(error)).toMatch(sentence)
  })

  it('finds the reason under several layers, and in the first of several attempts', () => {
    const refused = Object.assign(new Error('connect'), {
      code: 'ECONNREFUSED',
      address: '127.0.0.1',
      port: 1,
    })
    const several = Object.assign(new AggregateError([refused]), { code: undefined })
    expect(sentenceFor(new Error('query failed', { cause: several }))).toMatch(/127\.0\.0\.1:1/)
  })

  it('keeps a failure’s own sentence, and has none for a fault of ours', () => {
    expect(sentenceFor(new Failure('Do this instead.'))).toBe('Do this instead.')
    expect(sentenceFor(new TypeError('x is not a function'))).toBeNull()
  })
})
