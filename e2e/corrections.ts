import { randomUUID } from 'node:crypto'
import type { BrowserContext } from '@playwright/test'
import { v7 as uuidv7 } from 'uuid'
import type { SuggestAnswer } from '@/contract/v1/suggest'
import { agree, expect, signInAs } from './fixtures'

export const api = '/api/v1/projects/demo'
export const origin = process.env.BASE_URL ?? 'http://localhost:3000'

/** Sends something to the demo as the person who is signed in. */
export async function send<T>(context: BrowserContext, path: string, data: unknown): Promise<T> {
  const answer = await context.request.post(`${api}${path}`, { data, headers: { origin } })
  expect(answer.ok(), `${path}: ${await answer.text()}`).toBe(true)
  return answer.json()
}

interface Correction {
  suggested: string
  kept: string
  /** The same person changes their mind. */
  again(after: string): Promise<void>
}

/** A contributor brings a message with this subject and corrects the first suggestion on it. */
export async function correct(
  context: BrowserContext,
  subject: string,
  change: (suggested: string) => string,
): Promise<Correction> {
  await signInAs(context, 'contributor')
  await agree(context)
  const text = 'Can we meet on Thursday at three to go through the plan?'
  const payload = { subject, messages: [{ author: 'Ana', fromMe: false, sentAt: null, text }] }
  let answer: SuggestAnswer | undefined
  // A model that has just started may be too slow for the first one; the person asks again.
  await expect(async () => {
    answer = await send<SuggestAnswer>(context, '/suggest', {
      exposureId: uuidv7(),
      sessionId: randomUUID(),
      item: { payload },
    })
    expect(answer.shown).toBe(true)
  }).toPass()
  const [first] = answer?.candidates ?? []
  if (!answer || !first) throw new Error('nothing was suggested')
  const suggested = (first.value as { text: string }).text
  const kept = change(suggested)
  const session = { exposureId: answer.exposureId, sessionId: randomUUID() }
  const corrected = (clientSeq: number, after: string) => ({
    id: uuidv7(),
    type: 'corrected',
    clientSeq,
    candidateId: first.id,
    after: { text: after },
    ...session,
  })
  await send(context, '/feedback', {
    events: [{ id: uuidv7(), type: 'shown', clientSeq: 0, ...session }, corrected(1, kept)],
  })
  return {
    suggested,
    kept,
    again: async after => {
      await signInAs(context, 'contributor')
      await send(context, '/feedback', { events: [corrected(2, after)] })
    },
  }
}
