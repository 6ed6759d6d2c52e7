import type { Browser, BrowserContext, Page } from '@playwright/test'
import { v7 as uuidv7 } from 'uuid'
import type { AdjudicationClaim } from '@/contract/v1/adjudication'
import type { ClaimAnswer, QueueView } from '@/contract/v1/review'
import { expect, expectAccessible, expectNoSideways, signInAs, test } from './fixtures'

const origin = process.env.BASE_URL ?? 'http://localhost:3000'
const api = `${origin}/api/v1/projects/demo`

/** A queue in which two people judge each item, and those who differ go to an adjudicator. */
async function makeQueue(curator: BrowserContext, agreementFloor: number | null = 0.67): Promise<QueueView> {
  const answer = await curator.request.post(`${api}/queues`, {
    data: {
      name: `Disputed ${Date.now()}`,
      rule: { strategy: 'random', rate: 1 },
      overlap: 2,
      policy: { agreementFloor },
    },
    headers: { origin },
  })
  expect(answer.status()).toBe(201)
  const queue = (await answer.json()) as QueueView
  await expect
    .poll(
      async () =>
        ((await (await curator.request.get(`${api}/queues/${queue.id}`)).json()) as QueueView).jobId,
      { timeout: 30_000 },
    )
    .toBeNull()
  return queue
}

/** Judges the first item that has suggestions without a page. */
async function judgeFirst(person: BrowserContext, queue: QueueView, verdict: 'good' | 'wrong') {
  const post = async <T>(path: string, data: unknown): Promise<T> => {
    const answer = await person.request.post(`${api}/queues/${queue.id}/${path}`, {
      data,
      headers: { origin },
    })
    expect(answer.ok(), await answer.text()).toBe(true)
    return answer.json()
  }
  for (let judged = false; !judged; ) {
    const { held, specification } = await post<ClaimAnswer>('claim', {
      sessionId: crypto.randomUUID(),
      count: 1,
    })
    const [item] = held
    if (!item) throw new Error('no item has suggestions')
    judged = item.candidates.length > 0
    const reasons = verdict === 'wrong' ? [specification.reasons[0]?.code ?? ''] : []
    await post('events', {
      events: [
        {
          id: uuidv7(),
          assignmentId: item.assignmentId,
          token: item.token,
          ...(judged
            ? {
                type: 'submitted',
                verdicts: item.candidates.map(({ id }) => ({ candidateId: id, verdict, reasons })),
              }
            : { type: 'skipped', reason: 'cannot-judge' }),
        },
      ],
    })
  }
}

const title = (page: Page) => page.locator('#item-title')
const suggestions = (page: Page) => page.getByRole('group', { name: /^Suggestion( \d)?$/ })
const cards = (page: Page) => page.getByRole('list', { name: 'Answers' }).getByRole('listitem')
const notice = (page: Page, words: string) =>
  page.getByRole('list', { name: 'Notices (F8)' }).getByRole('listitem').filter({ hasText: words })

/** Judges the first item that has suggestions, every one alike, and returns its title. */
async function judge(page: Page, queue: QueueView, verdict: 'good' | 'wrong'): Promise<string> {
  await page.goto(`/p/demo/queues/${queue.id}`)
  await expect(page.getByRole('button', { name: 'Save and next' })).toBeVisible()
  while ((await suggestions(page).count()) === 0) {
    const before = (await title(page).textContent()) ?? ''
    await page.keyboard.press('s')
    await expect(title(page)).not.toHaveText(before)
    await expect(page.getByRole('button', { name: 'Save and next' })).toBeVisible()
  }
  const now = (await title(page).textContent()) ?? ''
  const count = await suggestions(page).count()
  for (let at = 0; at < count; at += 1) {
    await page.keyboard.press(verdict === 'good' ? 'a' : 'x')
    if (verdict === 'wrong') {
      await page.keyboard.press('1')
      await page.keyboard.press('j')
    }
  }
  const stored = page.waitForResponse(response => response.url().endsWith(`/queues/${queue.id}/events`))
  await page.keyboard.press('Control+Enter')
  await expect(notice(page, 'Answer saved.')).toBeVisible()
  await stored
  return now
}

async function person(browser: Browser, role: 'annotator' | 'curator' | 'owner') {
  const context = await browser.newContext()
  await signInAs(context, role)
  return context
}

test('two people disagree, a third settles; the adjudication and the answers under it can be taken back', async ({
  browser,
  page,
  context,
}) => {
  test.slow()
  const [ann, bob] = [await person(browser, 'annotator'), await person(browser, 'curator')]
  await signInAs(context, 'owner')
  const queue = await makeQueue(context)
  const [annPage, bobPage] = [await ann.newPage(), await bob.newPage()]
  const disputed = await judge(annPage, queue, 'good')
  expect(await judge(bobPage, queue, 'wrong')).toBe(disputed)

  // Who answered it is never handed it.
  const others = await bob.request.post(`${api}/adjudications/claim`, {
    data: { sessionId: crypto.randomUUID(), count: 2 },
    headers: { origin },
  })
  const { held } = (await others.json()) as AdjudicationClaim
  expect(held.map(item => item.queue.id)).not.toContain(queue.id)
  if (held.length > 0)
    await bob.request.post(`${api}/adjudications/release`, {
      data: { entries: held.map(({ entryId, token }) => ({ id: entryId, token })) },
      headers: { origin },
    })

  // Other disputes of the demo wait as well: they are sent back until this one is in hand.
  await page.goto('/p/demo/adjudicate')
  await expect(cards(page).first()).toBeVisible()
  for (let tries = 0; tries < 30 && !(await page.getByText(queue.name).isVisible()); tries += 1) {
    await page.keyboard.press('q')
    await page.getByRole('textbox', { name: 'Note to the annotators' }).fill('Not this time.')
    const before = page.waitForResponse(response => response.url().endsWith('/adjudications/events'))
    await page.keyboard.press('Control+Enter')
    await before
  }
  await expect(page.getByText(queue.name)).toBeVisible()
  await expect(title(page)).toHaveText(disputed)
  await expect(cards(page)).toHaveCount(2)
  await expect(page.getByText('Nothing acceptable')).toBeVisible()
  await expect(page.getByText('Both answers are kept.')).toBeVisible()
  for (const theme of ['light', 'dark'] as const) await expectAccessible(page, theme)
  await page.setViewportSize({ width: 390, height: 844 })
  await expectNoSideways(page)
  await page.setViewportSize({ width: 1280, height: 800 })

  // What is sent back comes back with its note, and goes on from there.
  const row = page.getByRole('list', { name: 'What I settled' }).getByRole('listitem').first()
  await page.keyboard.press('q')
  const note = page.getByRole('textbox', { name: 'Note to the annotators' })
  await note.fill('Look again, please.')
  await page.keyboard.press('Control+Enter')
  await expect(row).toContainText(`Sent back · ${queue.name}`)
  await page.keyboard.press('Escape')
  await page.keyboard.press('z')
  await expect(row).toContainText('Undone')
  await expect(title(page)).toHaveText(disputed)
  await expect(note).toHaveValue('Look again, please.')
  await expect(page.getByRole('button', { name: 'Redo' }).first()).toBeVisible()
  await page.getByRole('button', { name: 'Don’t send back' }).click()
  await expect(page.getByRole('button', { name: 'Settle and next' })).toHaveAttribute('aria-disabled', 'true')

  // Nothing is settled before something is picked; a pick can be edited, and what is written survives a reload.
  await page.keyboard.press('Control+Enter')
  await expect(page.getByRole('status').filter({ hasText: 'Pick an answer' })).toBeVisible()
  const accepted = cards(page).filter({ hasNotText: 'Nothing acceptable' })
  await accepted.getByRole('button').click()
  await page.keyboard.press('e')
  const final = page.getByRole('textbox', { name: /^Final answer/ })
  await final.fill('The answer that should stand.')
  await expect(page.getByText('Draft saved')).toBeVisible()
  await page.reload()
  await expect(final).toHaveValue('The answer that should stand.')

  // The answer itself is picked, so that what becomes of it shows.
  await accepted.getByRole('button').click()
  await expect(final).toHaveCount(0)
  await page.keyboard.press('Control+Enter')
  await expect(notice(page, 'Settled. Every answer is kept.')).toBeVisible()
  await expect(row).toContainText(`Settled · ${queue.name}`)

  await page.keyboard.press('Escape')
  await page.keyboard.press('z')
  await expect(row).toContainText('Undone')
  await expect(title(page)).toHaveText(disputed)
  await expect(accepted.getByRole('button')).toHaveAttribute('aria-pressed', 'true')
  await page.keyboard.press('Control+Enter')
  await expect(row).toContainText(`Settled · ${queue.name}`)

  // One press makes it a case that everybody who reviews is shown.
  await page.getByRole('button', { name: 'Make a precedent' }).click()
  await expect(page.getByText('A precedent now.')).toBeVisible()
  const reader = await context.newPage()
  await reader.goto('/p/demo/specification')
  // The demo may have a precedent of another item of the same title.
  await expect(
    reader.getByRole('main').getByRole('heading', { level: 3, name: disputed }).first(),
  ).toBeVisible()
  await reader.close()
  await annPage.reload()
  await expect(annPage.getByRole('region', { name: 'Precedents' })).toContainText(disputed)

  // Whoever gave the picked answer takes it back: nothing is settled any more.
  const reopened = annPage.waitForResponse(response => response.url().endsWith(`/queues/${queue.id}/events`))
  await annPage.keyboard.press('z')
  await reopened
  await expect
    .poll(
      async () =>
        ((await (await context.request.get(`${api}/queues/${queue.id}`)).json()) as QueueView).resolved,
    )
    .toBe(0)
  await page.reload()
  await expect(row).toContainText('Settled, and open again since')
  await ann.close()
  await bob.close()
})

test('a settlement that is refused or does not go out is kept, shown and sent again; a lost item keeps its words', async ({
  browser,
  page,
  context,
}) => {
  const [ann, bob] = [await person(browser, 'annotator'), await person(browser, 'curator')]
  await signInAs(context, 'owner')
  const queue = await makeQueue(context)
  for (const [who, verdict] of [
    [ann, 'good'],
    [bob, 'wrong'],
  ] as const)
    await judgeFirst(who, queue, verdict)
  await page.goto('/p/demo/adjudicate')
  await expect(cards(page).first()).toBeVisible()
  const item = (await title(page).textContent()) ?? ''
  const final = page.getByRole('textbox', { name: /^Final answer/ })

  // Refused: it says so, and the item is in hand again with what was written.
  await page.route('**/adjudications/events', async route => {
    const [event] = route.request().postDataJSON().events
    await route.fulfill({
      json: { events: [{ id: event.id, status: 'refused', code: 'conflict', detail: 'Something is odd.' }] },
    })
  })
  await page.keyboard.press('e')
  await final.fill('Kept through a refusal.')
  await page.keyboard.press('Control+Enter')
  const alert = page.getByRole('main').getByRole('alert')
  await expect(alert).toContainText('that was not taken.')
  await expect(alert).toContainText('Something is odd.')
  await expect(alert).toContainText('Kept through a refusal.')
  await alert.getByRole('button', { name: 'I have read it' }).click()
  await expect(alert).toHaveCount(0)
  await expect(page.getByRole('status').filter({ hasText: 'Everything is saved' })).toBeVisible()
  await page.unroute('**/adjudications/events')
  await page.reload()
  await expect(title(page)).toHaveText(item)
  await expect(final).toHaveValue('Kept through a refusal.')

  // Taken over by another page of the same person: the words stay to be read, and it says what happened.
  const other = await context.newPage()
  await other.goto('/p/demo/adjudicate')
  await expect(other.getByRole('textbox', { name: /^Final answer/ })).toHaveValue('Kept through a refusal.')
  await final.fill('Typed after it was lost.')
  await expect(page.getByText('Your draft is kept.')).toBeVisible()
  await expect(final).toHaveValue('Typed after it was lost.')
  await expect(page.getByRole('button', { name: 'Settle and next' })).toHaveAttribute('aria-disabled', 'true')
  await other.close()
  await page.reload()
  await expect(title(page)).toHaveText(item)
  await expect(final).toHaveValue('Typed after it was lost.')

  // Not sent: it stands on the page through a reload, until the server has it.
  await page.route('**/adjudications/events', route => route.abort())
  await page.keyboard.press('e')
  await final.fill('Kept without a network.')
  await page.keyboard.press('Control+Enter')
  await expect(alert).toContainText('that didn’t save. Your decision is safe here.')
  await expect(alert).toContainText('Kept without a network.')
  await page.reload()
  await expect(alert).toContainText('Kept without a network.')
  await expect(page.getByText('1 decision waits on this device')).toBeVisible()
  await page.unroute('**/adjudications/events')
  const row = page.getByRole('list', { name: 'What I settled' }).getByRole('listitem').first()
  await expect(row).toContainText('Kept without a network.')
  await expect(row).toContainText('Settled')
  await expect(alert).toHaveCount(0)
  await ann.close()
  await bob.close()
})

test('agreement of a queue: figures with their n, the items that differ with their answers, and the table', async ({
  browser,
  page,
  context,
}) => {
  const [ann, bob] = [await person(browser, 'annotator'), await person(browser, 'curator')]
  await signInAs(context, 'owner')
  const queue = await makeQueue(context, null)
  await page.goto(`/p/demo/queues/${queue.id}/agreement`)
  await expect(page.getByText('No item has two answers yet.')).toBeVisible()
  const disputed = await judge(await ann.newPage(), queue, 'good')
  await judge(await bob.newPage(), queue, 'wrong')
  await page.reload()
  await expect(page.getByText('too few to tell').first()).toBeVisible()
  const item = page.getByRole('list', { name: 'Items that disagree most' }).getByRole('listitem').first()
  await expect(item).toContainText(disputed)
  await item.getByText(disputed).click()
  await expect(item.getByText('Annotator A')).toBeVisible()

  // A resolved item goes to adjudication, comes back by undo, and goes again.
  const sendOn = item.getByRole('button', { name: 'Send to adjudication' })
  await sendOn.click()
  await expect(notice(page, 'Sent to adjudication.')).toBeVisible()
  await expect(item).toContainText('Waits for an adjudicator')
  await page.getByRole('button', { name: 'Undo', exact: true }).click()
  await expect(item).toContainText('Resolved')
  await sendOn.click()
  await expect(item.getByRole('link', { name: 'Adjudicate' })).toBeVisible()

  await page.getByText('α by week, as a table').click()
  await page.getByRole('table', { name: 'α by week' }).getByRole('link').first().click()
  await expect(page).toHaveURL(/\?week=\d{4}-\d{2}-\d{2}#items$/)
  await expect(page.getByText(/^Of the week from/)).toBeVisible()
  await expect(item).toContainText(disputed)
  for (const theme of ['light', 'dark'] as const) await expectAccessible(page, theme)
  const download = page.waitForEvent('download')
  await page.getByRole('link', { name: 'All coefficients as CSV' }).click()
  expect((await download).suggestedFilename()).toMatch(/^agreement-.*\.csv$/)
  await ann.close()
  await bob.close()
})
