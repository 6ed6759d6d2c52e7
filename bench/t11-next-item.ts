import { setTimeout as sleep } from 'node:timers/promises'
import type { Page } from '@playwright/test'
import { withProxiedApp } from './proxied-app'
import { round, type Target, type TargetResult } from './target'

const keyEveryMs = 250
const apiDelayMs = 300
/** Event Timing tells nothing of faster ones: they count as this. */
const leastMs = 16
const goals = { p75: 50, p99: 100 }
const items = 160

/** From a key to the paint that shows the next item, with a slow server behind it; and the same for undo. */
export const nextItem: Target = ({ say }) =>
  withProxiedApp({ name: 't11', say, apiDelayMs }, async ({ workplace, browser, base, cookie }) => {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
    await context.addCookies([cookie])
    const page = await context.newPage()
    const queueId = await fillQueue(page, base, say)
    await page.goto(`${base}/p/demo/queues/${queueId}`, { waitUntil: 'networkidle' })
    await page.getByRole('button', { name: 'Save and next' }).waitFor()
    await watchKeys(page)

    say('200 keys: a verdict, then accept as is and on to the next …')
    await press(page, 100, ['a', 'Control+Shift+Enter'])
    const next = await readKeys(page, 'enter')
    say('200 keys: undo, and accept as is again …')
    await press(page, 100, ['z', 'Control+Shift+Enter'])
    const undo = await readKeys(page, 'z')
    const waiting = await drained(page)
    const stored = await workplace.pool.query(`SELECT count(*)::int AS n FROM answers WHERE queue_id = $1`, [
      queueId,
    ])
    const distinct = stored.rows[0].n as number
    say(`${distinct} answers stand on the server, ${waiting} still on the way`)
    return [
      result('T11a', 'key to the next item painted, in ms: p75 (and p99)', next, { answers: distinct }),
      result('T11b', 'key to the item back after an undo, in ms: p75 (and p99)', undo, { waiting }),
    ]
  })

interface Keys {
  ms: number[]
  /** Keys whose next frame still showed the item before. */
  late: number
}

function result(
  target: string,
  what: string,
  { ms, late }: Keys,
  figures: Record<string, number>,
): TargetResult {
  const sorted = [...ms].sort((a, b) => a - b)
  const at = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN
  const [p75, p99] = [at(0.75), at(0.99)]
  return {
    target,
    what,
    goal: `p75 <= ${goals.p75}, p99 <= ${goals.p99}`,
    ratio: p75,
    range: [sorted[0] ?? Number.NaN, sorted.at(-1) ?? Number.NaN],
    ok: p75 <= goals.p75 && p99 <= goals.p99 && late === 0,
    figures: { p75, p99, most: round(sorted.at(-1) ?? Number.NaN), keys: ms.length, late, ...figures },
  }
}

/** A queue of messages that all have suggestions, each with a title of its own. */
async function fillQueue(page: Page, base: string, say: (line: string) => void): Promise<string> {
  const api = `${base}/api/v1/projects/demo`
  const headers = { origin: base }
  const made = await page.request.post(`${api}/items`, {
    headers,
    data: {
      items: Array.from({ length: items }, (_, at) => ({
        payload: {
          subject: `Lunch ${at + 1}`,
          messages: [
            {
              author: 'Ines',
              fromMe: false,
              sentAt: null,
              text: 'Would you like to have lunch on Thursday?',
            },
          ],
        },
      })),
    },
  })
  if (!made.ok()) throw new Error(`items: ${made.status()} ${await made.text()}`)
  const make = async (name: string, rule: object): Promise<string> => {
    const answer = await page.request.post(`${api}/queues`, { headers, data: { name, rule } })
    if (!answer.ok()) throw new Error(`queue: ${answer.status()} ${await answer.text()}`)
    const { id } = await answer.json()
    for (let tries = 0; tries < 200; tries += 1) {
      const queue = await (await page.request.get(`${api}/queues/${id}`)).json()
      if (queue.jobId === null) return id
      await sleep(500)
    }
    throw new Error('The model did not come to an end')
  }
  say('the model looks at the items …')
  await make('Everything', { strategy: 'random', rate: 1 })
  // Only those for which it has a suggestion: the others are answered in words.
  return make('Suggested', { strategy: 'low-confidence', below: 1 })
}

/** Notes of each key whether the frame after it shows another item, and how long it took as Event Timing tells. */
async function watchKeys(page: Page): Promise<void> {
  await page.evaluate(() => {
    const state = {
      durations: new Map<number, number>(),
      keys: [] as { key: string; at: number; changed: boolean }[],
    }
    Object.assign(window, { state })
    const title = () => document.querySelector('#item-title')?.textContent
    addEventListener(
      'keydown',
      event => {
        const before = title()
        const noted = { key: event.key.toLowerCase(), at: event.timeStamp, changed: false }
        if (['shift', 'control'].includes(noted.key)) return
        state.keys.push(noted)
        requestAnimationFrame(() => {
          noted.changed = title() !== before
        })
      },
      { capture: true },
    )
    new PerformanceObserver(list => {
      for (const entry of list.getEntries())
        if (entry.name === 'keydown') state.durations.set(Math.round(entry.startTime), entry.duration)
    }).observe({ type: 'event', durationThreshold: 16, buffered: false } as PerformanceObserverInit)
  })
}

async function press(page: Page, rounds: number, keys: string[]): Promise<void> {
  let next = performance.now()
  for (let at = 0; at < rounds; at += 1)
    for (const key of keys) {
      await sleep(Math.max(0, next - performance.now()))
      next += keyEveryMs
      await page.keyboard.press(key)
    }
  await sleep(500)
}

/** What was noted of one key since the last reading. */
async function readKeys(page: Page, key: string): Promise<Keys> {
  return page.evaluate(
    ({ key, leastMs }) => {
      const { state } = window as never as {
        state: { durations: Map<number, number>; keys: { key: string; at: number; changed: boolean }[] }
      }
      const noted = state.keys.filter(other => other.key === key)
      state.keys = []
      return {
        ms: noted.map(({ at }) => Math.max(leastMs, state.durations.get(Math.round(at)) ?? leastMs)),
        late: noted.filter(({ changed }) => !changed).length,
      }
    },
    { key, leastMs },
  )
}

/** Waits until nothing waits on this device; says what still does. */
async function drained(page: Page): Promise<number> {
  for (let tries = 0; tries < 60; tries += 1) {
    const waiting = await page.getByText('saving', { exact: true }).count()
    if (waiting === 0) return 0
    await sleep(500)
  }
  return page.getByText('saving', { exact: true }).count()
}
