import type { BrowserContext, Page } from '@playwright/test'
import type { QueueRule, QueueView, ReviewedPage } from '@/contract/v1/review'
import {
  expect,
  expectAccessible,
  expectNoSideways,
  shiftClock,
  signInAs,
  test,
  withDatabase,
} from './fixtures'

const origin = process.env.BASE_URL ?? 'http://localhost:3000'
const everything: QueueRule = { strategy: 'random', rate: 1 }

/** A queue of its own for each test, with every item of the project, once the model has been asked about them. */
async function makeQueue(
  browser: { newContext(): Promise<BrowserContext> },
  name: string,
  { project = 'demo', rule = everything, overlap = 1, instructions = '' } = {},
): Promise<QueueView> {
  const context = await browser.newContext()
  await signInAs(context, 'curator')
  const queues = `${origin}/api/v1/projects/${project}/queues`
  const answer = await context.request.post(queues, {
    data: { name: `${name} ${Date.now()}`, rule, overlap, instructions },
    headers: { origin },
  })
  expect(answer.status()).toBe(201)
  const queue = (await answer.json()) as QueueView
  await expect
    .poll(
      async () => ((await (await context.request.get(`${queues}/${queue.id}`)).json()) as QueueView).jobId,
      {
        timeout: 30_000,
      },
    )
    .toBeNull()
  await context.close()
  return queue
}

async function mine(context: BrowserContext, queueId: string, project = 'demo') {
  const answer = await context.request.get(`${origin}/api/v1/projects/${project}/queues/${queueId}/mine`)
  return ((await answer.json()) as ReviewedPage).entries
}

const title = (page: Page) => page.locator('#item-title')
const suggestions = (page: Page) => page.getByRole('group', { name: /^Suggestion( \d)?$/ })
const rail = (page: Page) => page.getByRole('list', { name: 'What I did in this queue' })
const answerField = (page: Page) => page.getByRole('textbox', { name: 'Your answer' })
const notice = (page: Page, words: string) =>
  page.getByRole('list', { name: 'Notices (F8)' }).getByRole('listitem').filter({ hasText: words })

async function open(page: Page, queue: QueueView, project = 'demo'): Promise<void> {
  await page.goto(`/p/${project}/queues/${queue.id}`)
  await expect(page.getByRole('button', { name: 'Save and next' })).toBeVisible()
}

/** The title of the item in hand. While one is on its way the queue's own name stands there, and no button to save. */
async function inHand(page: Page): Promise<string> {
  await expect(page.getByRole('button', { name: 'Save and next' })).toBeVisible()
  return (await title(page).textContent()) ?? ''
}

/** Waits until another item than this one is in hand, and returns its title. */
async function nextAfter(page: Page, before: string): Promise<string> {
  await expect(title(page)).not.toHaveText(before)
  return inHand(page)
}

/** Goes on from the item in hand until one that has suggestions is there. */
async function toSuggestions(page: Page): Promise<number> {
  let now = await inHand(page)
  while ((await suggestions(page).count()) === 0) {
    await page.keyboard.press('s')
    now = await nextAfter(page, now)
  }
  return suggestions(page).count()
}

test('a curator makes a queue with its preview, pauses it, and takes that back in the history', async ({
  page,
  context,
}) => {
  await signInAs(context, 'curator')
  const name = `Everything ${Date.now()}`
  await page.goto('/p/demo/queues')
  await page.getByRole('link', { name: 'New queue' }).click()
  const form = page.getByRole('form', { name: 'New queue' })
  await form.getByLabel('Name').fill(name)
  await form.getByLabel('Select by').selectOption('random')
  await form.getByLabel('Chance of each item, %').fill('100')
  await expect(form.getByRole('status')).toContainText(/^(\d+) of \1 items$/)
  await expect(form.getByRole('list', { name: 'Some of them' }).getByRole('listitem')).toHaveCount(5)
  for (const theme of ['light', 'dark'] as const) await expectAccessible(page, theme)
  await form.getByRole('button', { name: 'Make the queue' }).click()
  await expect(page.getByRole('heading', { level: 1, name })).toBeVisible()
  await page.goto('/p/demo/queues')
  const row = page.getByRole('list', { name: 'Queues' }).getByRole('listitem').filter({ hasText: name })
  await expect(row).toContainText('Each item with a chance of 100 %')
  await row.getByRole('button', { name: 'Pause' }).click()
  await expect(row.getByRole('button', { name: 'Resume' })).toBeVisible()
  await page.goto('/p/demo/history')
  await page
    .getByRole('list', { name: 'Changes of the project' })
    .getByRole('listitem')
    .first()
    .getByRole('button', { name: 'Undo' })
    .click()
  await expect(notice(page, 'Undone.')).toBeVisible()
  await page.goto('/p/demo/queues')
  await expect(row.getByRole('button', { name: 'Pause' })).toBeVisible()
})

test.describe('an annotator', () => {
  test.beforeEach(async ({ context }) => signInAs(context, 'annotator'))

  test('goes through a queue by keyboard: judges, gives reasons, rewrites, skips, flags, undoes, redoes', async ({
    page,
    context,
    browser,
  }) => {
    const queue = await makeQueue(browser, 'By keyboard', { instructions: 'Judge what you see.' })
    const delivered: string[] = []
    page.on('requestfinished', request => {
      if (request.method() !== 'POST' || !request.url().endsWith('/events')) return
      const { events } = request.postDataJSON() as { events: { type: string }[] }
      delivered.push(...events.map(event => event.type))
    })
    await page.goto('/p/demo/queues')
    await page.getByRole('link', { name: `Review ${queue.name}` }).focus()
    await page.keyboard.press('Enter')
    await expect(page.getByText('Judge what you see.')).toBeVisible()
    const count = await toSuggestions(page)

    // Nothing is saved before each suggestion has its verdict.
    await page.keyboard.press('Control+Enter')
    await expect(page.getByRole('status').filter({ hasText: /Judge (each|the) suggestion/ })).toBeVisible()
    for (let at = 0; at < count; at += 1) await page.keyboard.press('a')
    const first = await inHand(page)
    await page.keyboard.press('Control+Enter')
    await expect(title(page)).not.toHaveText(first)
    await expect(notice(page, 'Answer saved.')).toBeVisible()
    await expect(rail(page).getByRole('listitem').first()).toContainText('Good')

    const many = await toSuggestions(page)
    await page.keyboard.press('x')
    await page.keyboard.press('Control+Enter')
    await expect(page.getByRole('status').filter({ hasText: /Say why|Judge each/ })).toBeVisible()
    await page.keyboard.press('k')
    await page.keyboard.press('k')
    await page.keyboard.press('1')
    await page.keyboard.press('3')
    await expect(suggestions(page).first()).toContainText('Wrong fact, Tone')
    for (let at = 1; at < many; at += 1) {
      await page.keyboard.press('j')
      await page.keyboard.press('u')
    }
    await page.keyboard.press('e')
    await expect(answerField(page)).toBeFocused()
    await page.keyboard.press('Control+a')
    await page.keyboard.type('Thanks, A S F will do.')
    await expect(page.locator('ins').first()).toBeVisible()
    await page.keyboard.press('Tab')
    await expect(page.getByRole('button', { name: 'Another acceptable answer' })).toBeFocused()
    await page.keyboard.press('Enter')
    await expect(page.getByRole('textbox', { name: 'Another acceptable answer, 2' })).toBeFocused()
    await page.keyboard.type('Certainly.')
    const second = await inHand(page)
    await page.keyboard.press('Control+Enter')
    const skipped = await nextAfter(page, second)
    await expect(rail(page).getByRole('listitem').first()).toContainText('2 acceptable texts')

    await page.keyboard.press('s')
    const flagged = await nextAfter(page, skipped)
    await page.keyboard.press('Shift+F')
    await expect(page.getByRole('button', { name: 'Broken or empty' })).toBeFocused()
    await page.keyboard.press('Enter')
    await expect(title(page)).not.toHaveText(flagged)
    await page.keyboard.press('z')
    await expect(title(page)).toHaveText(flagged)
    await page.keyboard.press('Shift+Z')
    await expect(title(page)).not.toHaveText(flagged)

    await expect.poll(() => delivered.slice(-2)).toEqual(['undone', 'redone'])
    const done = await mine(context, queue.id)
    expect(done.every(entry => entry.standing === 'active')).toBe(true)
    expect(done[0]).toMatchObject({ type: 'flagged', reason: 'broken', standing: 'active' })
    const rewritten = done.find(entry => entry.texts.length > 0)
    expect(rewritten?.texts).toEqual(['Thanks, A S F will do.', 'Certainly.'])
    expect(rewritten?.verdicts[0]).toMatchObject({ verdict: 'wrong', reasons: ['wrong-fact', 'tone'] })
  })

  test('walks along the past and takes any of it back; the answer comes back as it was written', async ({
    page,
    context,
    browser,
  }) => {
    const queue = await makeQueue(browser, 'Past')
    await open(page, queue)
    await toSuggestions(page)
    const passed = await rail(page).getByRole('listitem').count()
    const first = await inHand(page)
    await page.keyboard.press('Control+Shift+Enter')
    const second = await nextAfter(page, first)
    await page.keyboard.press('s')
    await expect(title(page)).not.toHaveText(second)
    await page.keyboard.press('[')
    await page.keyboard.press('[')
    await expect(page.getByRole('button', { name: `Undo: ${first}` })).toBeFocused()
    await page.keyboard.press('z')
    await expect(title(page)).toHaveText(first)
    await expect(suggestions(page).first().getByRole('button', { name: 'Good' })).toHaveAttribute(
      'aria-pressed',
      'true',
    )
    await expect(notice(page, 'it is open again')).toBeVisible()
    await expect
      .poll(async () => (await mine(context, queue.id)).find(entry => entry.title === first)?.standing)
      .toBe('undone')
    // Undone long after, on a page that never saw the item: the server gives it back.
    await page.keyboard.press('Control+Enter')
    await expect
      .poll(async () => (await mine(context, queue.id)).filter(entry => entry.standing === 'active').length)
      .toBe(passed + 2)
    await page.reload()
    await rail(page)
      .getByRole('button', { name: `Undo: ${first}` })
      .click()
    await expect(title(page)).toHaveText(first)
  })

  test('a half written answer outlives a reload, and the item stays in hand', async ({ page, browser }) => {
    const queue = await makeQueue(browser, 'Reload')
    await open(page, queue)
    const count = await toSuggestions(page)
    const item = await inHand(page)
    for (let at = 0; at < count; at += 1) await page.keyboard.press('a')
    await page.keyboard.press('e')
    await answerField(page).fill('Half a sen')
    await expect(page.getByText('Draft saved')).toBeVisible()
    await page.reload()
    await expect(title(page)).toHaveText(item)
    await expect(answerField(page)).toHaveValue('Half a sen')
  })

  test('an answer given offline waits on this device and is delivered once', async ({
    page,
    context,
    browser,
  }) => {
    const queue = await makeQueue(browser, 'Offline')
    await open(page, queue)
    await toSuggestions(page)
    const item = await inHand(page)
    // What was passed over on the way here has arrived.
    const before = await rail(page).getByRole('listitem').count()
    await expect.poll(async () => (await mine(context, queue.id)).length).toBe(before)
    await context.setOffline(true)
    await page.keyboard.press('Control+Shift+Enter')
    await expect(title(page)).not.toHaveText(item)
    await expect(page.getByText('1 decision waits on this device')).toBeVisible()
    await context.setOffline(false)
    await expect.poll(async () => (await mine(context, queue.id)).length).toBe(before + 1)
    await expect(page.getByText('waits on this device')).toBeHidden()
    expect((await mine(context, queue.id))[0]).toMatchObject({ type: 'submitted', standing: 'active' })
  })

  test('a lost lease is said at once; the words stay, and nobody’s answer is overwritten', async ({
    page,
    browser,
  }) => {
    const queue = await makeQueue(browser, 'Lost lease')
    await open(page, queue)
    const count = await toSuggestions(page)
    const item = await inHand(page)
    for (let at = 0; at < count; at += 1) await page.keyboard.press('a')
    await page.keyboard.press('e')
    await answerField(page).fill('Mine')
    await expect(page.getByText('Draft saved')).toBeVisible()
    await shiftClock('6 minutes')
    const other = await browser.newContext()
    await signInAs(other, 'curator')
    const theirs = await other.newPage()
    await theirs.goto(`/p/demo/queues/${queue.id}`)
    await expect(title(theirs)).toHaveText(item)
    await answerField(page).pressSequentially(' too')
    await expect(page.getByText('Someone else has this item now. Your draft is kept.')).toBeVisible()
    await expect(answerField(page)).toHaveValue('Mine too')
    await expect(answerField(page)).not.toBeEditable()
    await page.getByRole('button', { name: 'Next item' }).click()
    await expect(title(page)).not.toHaveText(item)
    await other.close()
  })

  test('a queue opens while something holds its items up, and hands them out once they are free', async ({
    page,
    browser,
  }) => {
    const queue = await makeQueue(browser, 'Held up')
    await withDatabase(async pool => {
      await pool.query('begin')
      await pool.query('lock table assignments in exclusive mode')
      await page.goto(`/p/demo/queues/${queue.id}`)
      await expect(page.getByRole('heading', { level: 1, name: queue.name })).toBeVisible()
      await expect(page.getByRole('button', { name: 'Save and next' })).toBeHidden()
      await pool.query('rollback')
    })
    await inHand(page)
  })

  test('two people never get the same item, and leaving gives back what was in hand', async ({
    page,
    context,
    browser,
  }) => {
    const queue = await makeQueue(browser, 'Two people')
    await open(page, queue)
    const other = await browser.newContext()
    await signInAs(other, 'curator')
    const theirs = await other.newPage()
    await open(theirs, queue)
    const seen = [new Set<string>(), new Set<string>()]
    for (let at = 0; at < 4; at += 1)
      for (const [who, tab] of [page, theirs].entries()) {
        const now = await inHand(tab)
        seen[who]?.add(now)
        await tab.keyboard.press('s')
        await expect(title(tab)).not.toHaveText(now)
      }
    // What one skipped may come to the other; in hand at the same time it never is.
    expect(await inHand(page)).not.toBe(await inHand(theirs))
    const leased = async () => {
      const answer = await context.request.get(`${origin}/api/v1/projects/demo/queues/${queue.id}`)
      return ((await answer.json()) as QueueView).leased
    }
    await expect.poll(leased).toBe(6)
    await page.goto('/p/demo/queues')
    await expect.poll(leased).toBe(3)
    await theirs.getByRole('link', { name: 'Amend, review queues' }).click()
    await expect.poll(leased).toBe(0)
    await other.close()
  })

  test('a second tab takes over in sight of the first, with the draft', async ({
    page,
    context,
    browser,
  }) => {
    const queue = await makeQueue(browser, 'Two tabs')
    await open(page, queue)
    const count = await toSuggestions(page)
    for (let at = 0; at < count; at += 1) await page.keyboard.press('a')
    await page.keyboard.press('e')
    await answerField(page).fill('Begun in the first')
    const second = await context.newPage()
    await second.goto(`/p/demo/queues/${queue.id}`)
    await expect(answerField(second)).toHaveValue('Begun in the first')
    await expect(page.getByText('You went on with this queue in another tab.')).toBeVisible()
    await page.getByRole('button', { name: 'Work here instead' }).click()
    await expect(answerField(page)).toBeEditable()
    await expect(second.getByText('You went on with this queue in another tab.')).toBeVisible()
  })

  test('says that nothing is left only when that is so, and what comes next', async ({ page, browser }) => {
    const queue = await makeQueue(browser, 'Few', { rule: { strategy: 'low-confidence', below: 0.0001 } })
    await page.goto(`/p/demo/queues/${queue.id}`)
    await expect(page.getByText('No more items for you here.')).toBeVisible()
    await expect(page.getByText('Nothing was selected yet: a curator can fill the queue.')).toBeVisible()
    await page.getByRole('link', { name: 'Other queues' }).click()
    await expect(page.getByRole('heading', { name: 'Review', level: 1 })).toBeVisible()
  })

  test('photos: the same keys, and a photo without a suggestion is answered in words', async ({
    page,
    context,
    browser,
  }) => {
    const queue = await makeQueue(browser, 'Photos', { project: 'album' })
    await page.goto(`/p/album/queues/${queue.id}`)
    await expect(page.getByRole('main').getByRole('img').first()).toBeVisible()
    for (let at = 0; at < 30; at += 1) {
      const now = await inHand(page)
      if ((await suggestions(page).count()) === 0) break
      await page.keyboard.press('Control+Shift+Enter')
      await nextAfter(page, now)
    }
    await expect(page.getByText('No model suggested anything')).toBeVisible()
    await page.keyboard.press('e')
    await page.keyboard.type('Brushes in a jar.')
    await page.keyboard.press('Control+Enter')
    await expect
      .poll(async () => (await mine(context, queue.id, 'album')).map(entry => entry.texts[0]))
      .toContain('Brushes in a jar.')
  })

  test('is accessible in both themes and fits narrow windows', async ({ page, browser }) => {
    // axe goes over the whole page six times.
    test.slow()
    const queue = await makeQueue(browser, 'Accessible')
    await open(page, queue)
    const count = await toSuggestions(page)
    await page.keyboard.press('x')
    await page.keyboard.press('2')
    for (let at = 1; at < count; at += 1) {
      await page.keyboard.press('j')
      await page.keyboard.press('a')
    }
    await page.keyboard.press('e')
    await answerField(page).fill('A better answer, with other words')
    await expect(page.locator('ins').first()).toBeVisible()
    for (const theme of ['light', 'dark'] as const) await expectAccessible(page, theme)
    for (const width of [1100, 390, 320]) {
      await page.setViewportSize({ width, height: 800 })
      await expectNoSideways(page)
      await expectAccessible(page, 'light')
    }
    await page.getByRole('button', { name: 'What I did', exact: true }).click()
    await expect(page.getByRole('heading', { name: 'What I did' })).toBeVisible()
    await expectAccessible(page, 'light')
  })
})
