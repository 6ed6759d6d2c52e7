import { describe, expect, it } from 'vitest'
import { messageTable } from './message-table'
import { smartReplyPayloadSchema } from './task'

const sentAt = (text: string) => {
  const item = messageTable.itemOf({ message: 'Hello', sentAt: text }, 'UTC')
  return 'problem' in item ? item.problem.field : item.receivedAt
}

describe('a row of messages', () => {
  it('becomes a thread of one received message', () => {
    const item = messageTable.itemOf(
      { message: ' Hello\nyou ', subject: ' Hi ', author: 'Ana', lang: 'en' },
      'UTC',
    )
    expect(item).toEqual({
      payload: {
        subject: 'Hi',
        lang: 'en',
        messages: [{ author: 'Ana', fromMe: false, sentAt: null, text: ' Hello\nyou ' }],
      },
      receivedAt: null,
    })
    expect(smartReplyPayloadSchema.safeParse(messageTable.example).success).toBe(true)
  })

  it('reads times with a zone, and without one as UTC; what is none is refused without quoting it', () => {
    expect(sentAt('2026-11-23')).toBe('2026-11-23T00:00:00.000Z')
    expect(sentAt('2026-11-23 10:15')).toBe('2026-11-23T10:15:00.000Z')
    expect(sentAt('2026-11-23T10:15:30.1234+0100')).toBe('2026-11-23T09:15:30.123Z')
    expect(sentAt('2026-11-23T10:15:30Z')).toBe('2026-11-23T10:15:30.000Z')
    for (const none of ['2026-02-30', '23.11.2026', 'yesterday', '2026-11-23 25:00', '11/23/2026'])
      expect(sentAt(none)).toBe('sentAt')
    expect(messageTable.itemOf({ message: 'x', sentAt: 'secret' }, 'UTC')).not.toMatchObject({
      problem: { detail: expect.stringContaining('secret') },
    })
  })

  it('needs a message', () => {
    expect(messageTable.itemOf({ message: '  ' }, 'UTC')).toMatchObject({ problem: { field: 'message' } })
    expect(messageTable.itemOf({ subject: 'only' }, 'UTC')).toMatchObject({ problem: { field: 'message' } })
  })
})
