import type { BrowserContext, Page } from '@playwright/test'
import type { HistoryEntry, HistoryPage } from '@/contract/v1/feedback'
import { agree, expect, expectAccessible, expectNoSideways, signInAs, test } from './fixtures'

const api = '/api/v1/projects/demo'

/** Opens a sample thread by its subject, from the list. */
async function openThread(page: Page, subject: string): Promise<void> {
  await page.goto('/p/demo/inbox')
  await page.getByRole('navigation', { name: 'Threads' }).getByRole('link', { name: subject }).click()
  await expect(page.getByRole('heading', { name: subject, level: 1 })).toBeVisible()
}

const chip = (page: Page, place: number) => page.getByRole('group', { name: `Suggestion ${place}` })
const choose = (page: Page, place: number) => chip(page, place).getByRole('button').first()
const editor = (page: Page) => page.getByRole('textbox', { name: 'Your reply' })
const toast = (page: Page, words: string | RegExp) => page.getByRole('listitem').filter({ hasText: words })

/** What the server keeps about this person's acts in a thread, newest first. */
async function storedActs(context: BrowserContext, subject: string): Promise<HistoryEntry[]> {
  const answer = await context.request.get(`${api}/my-history?limit=200`)
  const { entries } = (await answer.json()) as HistoryPage
  return entries.filter(entry => entry.title === subject)
}

async function expectStored(context: BrowserContext, subject: string, types: string[]): Promise<void> {
  await expect
    .poll(async () => (await storedActs(context, subject)).map(entry => entry.type).toReversed())
    .toEqual(types)
}

test.describe('consent comes first', () => {
  test('nothing is asked or recorded until the person continues', async ({ page, context }) => {
    await signInAs(context, 'annotator')
    const sent: string[] = []
    page.on('request', request => {
      if (request.method() === 'POST' && request.url().includes('/api/v1/')) sent.push(request.url())
    })
    await openThread(page, 'Your drill')
    await expect(page.getByRole('heading', { name: 'Before the first suggestion' })).toBeVisible()
    await expect(chip(page, 1)).toHaveCount(0)
    await editor(page).fill('Sure.')
    await expect(page.getByRole('button', { name: 'Send reply' })).toHaveAttribute('aria-disabled', 'true')
    await page.keyboard.press('Control+Enter')
    for (const theme of ['light', 'dark'] as const) await expectAccessible(page, theme)
    expect(sent).toEqual([])
    await page.getByRole('button', { name: 'Continue' }).click()
    await expect(chip(page, 1)).toBeVisible()
    await expect(editor(page)).toHaveValue('Sure.')
  })

  test('the person downloads what is kept and erases it', async ({ page, context }) => {
    await signInAs(context, 'annotator')
    await agree(context)
    await openThread(page, 'Hello from number 14')
    await editor(page).fill('Welcome to the street, from all of us at twelve.')
    await page.getByRole('button', { name: 'Send reply' }).click()
    await expectStored(context, 'Hello from number 14', ['written'])
    await page.goto('/p/demo/my-history')
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download my data' }).click(),
    ])
    const text = await (await download.createReadStream()).toArray()
    expect(Buffer.concat(text).toString()).toContain('Welcome to the street, from all of us at twelve.')
    await page.getByRole('button', { name: 'Erase my data' }).click()
    await expect(page.getByText('This can’t be undone.')).toBeVisible()
    await page.getByRole('button', { name: 'Erase for good' }).click()
    await expect(page.getByText('From here on you are somebody new')).toBeVisible()
    await expect(page.getByText('Nothing yet.')).toBeVisible()
    expect(await (await context.request.get(`${api}/my-data`)).text()).not.toContain('Welcome to the street')
  })
})

test.describe('answering', () => {
  test.beforeEach(async ({ context }) => {
    await signInAs(context, 'contributor')
    await agree(context)
  })

  test('choose, edit, send, and undo before it goes', async ({ page, context }) => {
    const subject = 'Review for the search branch'
    await openThread(page, subject)
    const suggestion = ((await choose(page, 1).textContent()) ?? '').replace(/^1\s*/, '')
    await choose(page, 1).click()
    await expect(editor(page)).toHaveValue(suggestion)
    await editor(page).press('End')
    await editor(page).pressSequentially(' Around four.')
    await expect(page.locator('ins')).toHaveText('Around four.')
    await page.getByRole('button', { name: 'Send edited reply' }).click()
    await expect(toast(page, 'Reply to Lena goes out in')).toBeVisible()
    await expect(page.getByRole('link', { name: subject })).toContainText(
      `Sending: “${suggestion} Around four.”`,
    )
    await toast(page, 'Reply to Lena').getByRole('button', { name: 'Undo' }).click()
    await expect(toast(page, 'Undone. The suggestion is back.')).toBeVisible()
    await expect(editor(page)).toHaveValue(`${suggestion} Around four.`)
    await expect(choose(page, 1)).toBeVisible()
    await expectStored(context, subject, ['chosen', 'corrected', 'undone'])
    const corrected = (await storedActs(context, subject)).find(entry => entry.type === 'corrected')
    expect(corrected).toMatchObject({
      standing: 'undone',
      sent: 'cancelled',
      before: suggestion,
      text: `${suggestion} Around four.`,
    })
  })

  test('unchanged is accepted; after eight seconds it is sent; a later undo says so first', async ({
    page,
    context,
  }) => {
    const subject = 'Quick call about the budget'
    await openThread(page, subject)
    await choose(page, 1).click()
    await page.getByRole('button', { name: 'Send reply' }).click()
    const reply = page.getByRole('article', { name: 'Your reply' })
    await expect(reply).toContainText('Goes out in')
    await expect(reply).toContainText('Sent', { timeout: 15_000 })
    await expect(page.getByRole('link', { name: subject })).toContainText('Sent:')
    // The page counts by its own clock, the server by the database's.
    await expect
      .poll(async () => (await storedActs(context, subject))[0])
      .toMatchObject({ type: 'accepted', sent: 'sent', standing: 'active' })

    await page.reload()
    await page.goto('/p/demo/my-history')
    const row = page.getByRole('listitem').filter({ hasText: subject }).filter({ hasText: 'Accepted' })
    await row.getByRole('button', { name: /^Undo/ }).click()
    await expect(row.getByText('can’t be called back')).toBeVisible()
    await row.getByRole('button', { name: 'Undo anyway' }).click()
    await expect(
      page.getByRole('listitem').filter({ hasText: 'Was accepted. Sent. No longer used for training.' }),
    ).toBeVisible()
    await expect
      .poll(async () => (await storedActs(context, subject)).find(e => e.type === 'accepted')?.standing)
      .toBe('undone')
    await page.goto('/p/demo/inbox')
    await page.getByRole('link', { name: subject }).click()
    await expect(reply).toContainText('Already sent; no longer used for training.')
  })

  test('a reply waiting to go is undone after a reload, with its words', async ({ page, context }) => {
    const subject = 'Two tickets'
    await openThread(page, subject)
    await editor(page).fill('I am in. Row five?')
    await page.getByRole('button', { name: 'Send reply' }).click()
    await expectStored(context, subject, ['written'])
    await page.reload()
    await page.getByRole('article', { name: 'Your reply' }).getByRole('button', { name: 'Undo' }).click()
    await expect(editor(page)).toHaveValue('I am in. Row five?')
    await expectStored(context, subject, ['written', 'undone'])
    expect((await storedActs(context, subject)).find(e => e.type === 'written')?.sent).toBe('cancelled')
  })

  test('dismiss all, reject one, and take both back', async ({ page, context }) => {
    const subject = 'Saturday evening'
    await openThread(page, subject)
    await expect(chip(page, 3)).toBeVisible()
    await page.keyboard.press('x')
    await expect(chip(page, 1)).toHaveCount(0)
    await expect(toast(page, 'Suggestions dismissed.')).toBeVisible()
    await page.keyboard.press('z')
    await expect(chip(page, 3)).toBeVisible()
    await chip(page, 2).getByRole('button', { name: 'Dismiss suggestion 2' }).click()
    await expect(chip(page, 3)).toHaveCount(0)
    await expect(page.getByText('Suggested replies, 2 of 3')).toBeVisible()
    await page.keyboard.press('z')
    await expect(chip(page, 3)).toBeVisible()
    await page.keyboard.press('Shift+Z')
    await expect(chip(page, 3)).toHaveCount(0)
    await expectStored(context, subject, ['dismissed', 'undone', 'rejected', 'undone', 'redone'])
  })

  test('by keyboard alone', async ({ page, context }) => {
    await page.goto('/p/demo/inbox')
    const title = page.getByRole('heading', { level: 1 })
    const first = (await title.textContent()) ?? ''
    await page.keyboard.press('j')
    await expect(title).not.toHaveText(first)
    await page.keyboard.press('k')
    await expect(title).toHaveText(first)
    await page.goto('/p/demo/inbox')
    const subject = 'Sleepover'
    while ((await title.textContent()) !== subject) {
      const before = (await title.textContent()) ?? ''
      await page.keyboard.press('j')
      await expect(title).not.toHaveText(before)
    }
    await expect(chip(page, 2)).toBeVisible()
    await page.keyboard.press('2')
    await page.keyboard.press('e')
    await expect(editor(page)).toBeFocused()
    await page.keyboard.type(' Thank you for asking.')
    await page.keyboard.press('Escape')
    await expect(editor(page)).not.toBeFocused()
    await page.keyboard.press('Control+Enter')
    await expect(page.getByRole('article', { name: 'Your reply' })).toContainText('Thank you for asking.')
    await page.keyboard.press('z')
    await expect(editor(page)).toHaveValue(/Thank you for asking\.$/)
    await page.keyboard.press('Shift+Z')
    await expect(page.getByRole('article', { name: 'Your reply' })).toContainText('Goes out in')
    await page.keyboard.press('z')
    await expectStored(context, subject, ['chosen', 'corrected', 'undone', 'redone', 'undone'])
  })

  test('a draft and its suggestions survive a reload', async ({ page, context }) => {
    const subject = 'Plumber on Wednesday'
    await openThread(page, subject)
    await choose(page, 1).click()
    await editor(page).press('End')
    await editor(page).pressSequentially(' And a spare key?')
    const words = await editor(page).inputValue()
    await page.reload()
    await expect(editor(page)).toHaveValue(words)
    await expect(page.getByText('Editing suggestion 1')).toBeVisible()
    await page.getByRole('button', { name: 'Put it back' }).click()
    await page.getByRole('button', { name: 'Send reply' }).click()
    await expectStored(context, subject, ['chosen', 'accepted'])
    await page.keyboard.press('z')
  })

  test('a message of grief gets no suggestion, says why, and is answered by hand', async ({
    page,
    context,
  }) => {
    await openThread(page, 'Dad')
    await expect(page.getByText('No suggestion for this one.', { exact: true })).toBeVisible()
    await expect(chip(page, 1)).toHaveCount(0)
    await editor(page).fill('I am so sorry, I will be there.')
    await page.getByRole('button', { name: 'Send reply' }).click()
    await expectStored(context, 'Dad', ['written'])
    await page.keyboard.press('z')
  })

  test('why these: evidence, model and measure in words', async ({ page }) => {
    await openThread(page, 'On the way home')
    await expect(chip(page, 1)).toBeVisible()
    await page.getByRole('button', { name: 'Why these?' }).click()
    const why = page.getByRole('region', { name: 'Why these suggestions' })
    await expect(why).toContainText(/Learned from|rule/i)
    await expect(why).toContainText(/Right when shown|Not measured yet/)
    for (const theme of ['light', 'dark'] as const) await expectAccessible(page, theme)
    await page.keyboard.press('Escape')
    await expect(why).toHaveCount(0)
    await expect(chip(page, 1)).toBeVisible()
  })

  test('paste a message, copy the reply out', async ({ page, context }) => {
    await context.grantPermissions(['clipboard-read', 'clipboard-write'])
    await page.goto('/p/demo/inbox')
    await page.getByRole('button', { name: 'Paste a message' }).click()
    await page
      .getByRole('textbox', { name: 'Message you received' })
      .fill('Can you send me the report by tomorrow?')
    await page.getByRole('textbox', { name: 'From' }).fill('Robin Hale')
    await page.getByRole('button', { name: 'Get suggestions' }).click()
    await expect(chip(page, 1)).toBeVisible()
    await expect(page).toHaveURL(/\?t=[0-9a-f-]{36}$/)
    await choose(page, 1).click()
    await expect(editor(page)).not.toHaveValue('')
    const words = await editor(page).inputValue()
    await page.getByRole('button', { name: 'Copy reply' }).click()
    await expect(page.getByRole('article', { name: 'Your reply' })).toContainText(
      'Nothing was sent from here.',
    )
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(words)
    await expectStored(context, 'Can you send me the report by tomorrow?', ['chosen', 'accepted'])
    await page.reload()
    await expect(page.getByRole('link', { name: 'Robin Hale' })).toContainText('Copied:')
  })

  test('suggestions off: none is asked for, one’s own words are still counted', async ({ page, context }) => {
    // The switch turns at once; a page that is left before it is stored would take the request with it.
    const stored = () =>
      page.waitForResponse(
        answer => answer.request().method() === 'PUT' && answer.url().endsWith('/consent') && answer.ok(),
      )
    await page.goto('/p/demo/inbox')
    await Promise.all([stored(), page.getByRole('switch', { name: 'Suggestions on' }).click()])
    await expect(page.getByText('Suggestions are off. You write without them.').first()).toBeVisible()
    const asked: string[] = []
    page.on('request', request => {
      if (request.url().endsWith('/suggest')) asked.push(request.url())
    })
    await openThread(page, 'The drums')
    await expect(page.getByText('Suggestions are off. Turn them on')).toBeVisible()
    await editor(page).fill('Of course, sorry about the noise.')
    await page.getByRole('button', { name: 'Send reply' }).click()
    await expectStored(context, 'The drums', ['written'])
    expect(asked).toEqual([])
    await Promise.all([stored(), page.getByRole('switch', { name: 'Suggestions off' }).click()])
    await expect(page.getByRole('switch', { name: 'Suggestions on' })).toBeChecked()
  })

  test('at 390 px: list, thread and back, with the reply in thumb reach', async ({ page }) => {
    await page.setViewportSize({ width: 390, height: 844 })
    await openThread(page, 'Coach for the under-tens')
    await expect(chip(page, 1)).toBeVisible()
    await expect(page.getByRole('navigation', { name: 'Threads' })).toBeHidden()
    await expectNoSideways(page)
    const send = await page.getByRole('button', { name: 'Send reply' }).boundingBox()
    expect(send?.y).toBeGreaterThan(844 / 2)
    for (const theme of ['light', 'dark'] as const) await expectAccessible(page, theme)
    await page.getByRole('article').getByRole('link', { name: 'Inbox' }).click()
    await expect(page.getByRole('navigation', { name: 'Threads' })).toBeVisible()
    await expect(page.getByRole('heading', { name: 'Coach for the under-tens' })).toBeHidden()
    await expectNoSideways(page)
    await page.goBack()
    await expect(page.getByRole('heading', { name: 'Coach for the under-tens' })).toBeVisible()
  })
})

test.describe('without the server', () => {
  test.beforeEach(async ({ context }) => {
    await signInAs(context, 'curator')
    await agree(context)
  })

  test('what is pressed offline is kept, said, and delivered once, also over a reload', async ({
    page,
    context,
  }) => {
    const subject = 'Sunday lunch'
    await openThread(page, subject)
    await expect(chip(page, 1)).toBeVisible()
    await context.setOffline(true)
    await page.keyboard.press('1')
    await page.getByRole('button', { name: 'Send reply' }).click()
    await expect(page.getByRole('article', { name: 'Your reply' })).toContainText('Waits on this device.')
    await expect(page.getByText('Offline. 1 decision waits on this device.')).toBeVisible()
    await page.keyboard.press('z')
    await page.keyboard.press('Shift+Z')
    await expect(page.getByText('Offline. 3 decisions wait on this device.')).toBeVisible()
    expect(await storedActs(context, subject)).toEqual([])
    await context.setOffline(false)
    await page.reload()
    await expectStored(context, subject, ['chosen', 'accepted', 'undone', 'redone'])
    await expect(page.getByRole('link', { name: subject })).toContainText(/Sending|Sent/)
    await page.reload()
    await expectStored(context, subject, ['chosen', 'accepted', 'undone', 'redone'])
  })

  test('a thread opened offline takes one’s own words at once', async ({ page, context }) => {
    const subject = 'Running late'
    await openThread(page, 'Invoice 1187')
    await expect(page.getByRole('article')).toContainText('Sample. Nothing leaves this machine.')
    await context.setOffline(true)
    await page.getByRole('link', { name: subject }).click()
    await expect(page.getByText('The server can’t be reached, so there is no suggestion.')).toBeVisible()
    await editor(page).fill('No hurry, we start with the easy part.')
    await page.getByRole('button', { name: 'Send reply' }).click()
    await expect(page.getByText('Offline. 1 decision waits on this device.')).toBeVisible()
    await expect(toast(page, 'Offline. The reply to')).toBeVisible()
    await context.setOffline(false)
    await expectStored(context, subject, ['written'])
    await expect(page.getByText('Offline.')).toHaveCount(0)
    await expect(toast(page, /^Reply to Mei-Lin goes out/)).toBeVisible()
    await page.keyboard.press('z')
    await expectStored(context, subject, ['written', 'undone'])
  })

  test('two tabs of one person deliver each decision once', async ({ page, context }) => {
    const [one, two] = ['Street party: who brings what?', 'Invoice 1187'] as const
    const other = await context.newPage()
    await openThread(page, one)
    await openThread(other, two)
    await expect(chip(page, 1)).toBeVisible()
    await expect(chip(other, 1)).toBeVisible()
    await context.setOffline(true)
    for (const [tab, place] of [
      [page, 1],
      [other, 2],
    ] as const) {
      await choose(tab, place).click()
      await tab.getByRole('button', { name: 'Send reply' }).click()
      await expect(tab.getByRole('article', { name: 'Your reply' })).toContainText('Waits on this device.')
    }
    await expect(page.getByText('Offline. 2 decisions wait on this device.')).toBeVisible()
    await context.setOffline(false)
    await expectStored(context, one, ['chosen', 'accepted'])
    await expectStored(context, two, ['chosen', 'accepted'])
    await expect(page.getByRole('article', { name: 'Your reply' })).toContainText(/Goes out|Sen/)
    await expect(other.getByRole('article', { name: 'Your reply' })).toContainText(/Goes out|Sen/)
  })

  test('signed out meanwhile: nothing is lost, and nobody else sends it', async ({ page, context }) => {
    const subject = 'Address on the invoice'
    await openThread(page, subject)
    await expect(chip(page, 1)).toBeVisible()
    await context.clearCookies()
    await choose(page, 1).click()
    await page.getByRole('button', { name: 'Send reply' }).click()
    await expect(page.getByText('Signed out. 1 decision waits on this device.')).toBeVisible()
    await expect(page.getByRole('article', { name: 'Your reply' })).toContainText('Waits on this device.')
    await signInAs(context, 'contributor')
    await agree(context)
    await page.goto('/p/demo/inbox')
    await expect(page.getByRole('link', { name: subject })).not.toContainText('Waits here')
    await page.evaluate(() => new Promise(resolve => requestIdleCallback(resolve)))
    expect(await storedActs(context, subject)).toEqual([])
    await context.clearCookies()
    await signInAs(context, 'curator')
    await page.goto('/p/demo/inbox')
    await expectStored(context, subject, ['chosen', 'accepted'])
  })
})
