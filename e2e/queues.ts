import type { BrowserContext } from '@playwright/test'
import type { QueueView } from '@/contract/v1/review'
import { expect, signInAs, withDatabase } from './fixtures'

const origin = process.env.BASE_URL ?? 'http://localhost:3000'
const queues = `${origin}/api/v1/projects/demo/queues`

/** A queue of the demo with everything in it, or what holds a word; with every place blind where there is a suggestion. */
export async function makeQueue(
  browser: { newContext(): Promise<BrowserContext> },
  name: string,
  { blind = false, word }: { blind?: boolean; word?: string } = {},
): Promise<QueueView> {
  const context = await browser.newContext()
  await signInAs(context, 'curator')
  const answer = await context.request.post(queues, {
    data: {
      name: `${name} ${Date.now()}`,
      // Only what has a suggestion can be judged blind, and low confidence finds nothing else.
      rule: {
        ...(blind ? { strategy: 'low-confidence', below: 1 } : { strategy: 'random', rate: 1 }),
        ...(word ? { filters: { text: word } } : {}),
      },
      overlap: 1,
      instructions: '',
    },
    headers: { origin },
  })
  expect(answer.status()).toBe(201)
  const queue = (await answer.json()) as QueueView
  const read = async () => (await (await context.request.get(`${queues}/${queue.id}`)).json()) as QueueView
  await expect.poll(async () => (await read()).jobId, { timeout: 30_000 }).toBeNull()
  if (blind)
    await withDatabase(pool =>
      pool.query(
        `UPDATE assignments a SET blind = true FROM queue_entries e
         WHERE a.queue_id = $1 AND e.project_id = a.project_id AND e.id = a.entry_id AND e.prediction_id IS NOT NULL`,
        [queue.id],
      ),
    )
  await context.close()
  return queue
}
