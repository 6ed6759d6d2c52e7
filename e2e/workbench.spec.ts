import type { BrowserContext, Page } from '@playwright/test'
import type { ReviewedPage } from '@/contract/v1/review'
import { expect, expectAccessible, expectNoSideways, signInAs, test, withDatabase } from './fixtures'
import { makeQueue } from './queues'

const origin = process.env.BASE_URL ?? 'http://localhost:3000'
const queues = `${origin}/api/v1/projects/demo/queues`

async function mine(context: BrowserContext, queueId: string) {
  const answer = await context.request.get(`${queues}/${queueId}/mine`)
  return ((await answer.json()) as ReviewedPage).entries
}

const title = (page: Page) => page.locator('#item-title')
const suggestions = (page: Page) => page.getByRole('group', { name: /^Suggestion( \d)?$/ })
const rail = (page: Page) => page.getByRole('list', { name: 'What I did in this queue' })
test.describe('an annotator', () => {
  test.beforeEach(async ({ context }) => signInAs(context, 'annotator'))

  test('answers a blind item, locks it, compares, and takes each back by itself; nothing of the suggestion came before', async ({
    page,
    browser,
  }) => {
    const queue = await makeQueue(browser, 'Blind', { blind: true })
    const before: string[] = []
    let locked = false
    page.on('response', async response => {
      if (!locked && response.url().includes('/api/v1/')) before.push(await response.text().catch(() => ''))
    })
    await page.goto(`/p/demo/queues/${queue.id}`)
    before.push(await page.content())
    await expect(page.getByRole('button', { name: /Save and next|Lock answer/ })).toBeVisible()
    for (let at = 0; at < 40 && !(await page.getByText('Blind item').isVisible()); at += 1) {
      const now = (await title(page).textContent()) ?? ''
      await page.keyboard.press('s')
      await expect(title(page)).not.toHaveText(now)
      await expect(page.getByRole('button', { name: /Save and next|Lock answer/ })).toBeVisible()
    }
    await expect(page.getByText('Blind item')).toBeVisible()
    await expect(page.getByText(/It has not been sent to your browser/)).toBeVisible()
    await expect(suggestions(page)).toHaveCount(0)
    const first = await title(page).textContent()
    await page.getByRole('textbox', { name: 'Your answer' }).fill('My own words, before seeing any.')
    for (const theme of ['light', 'dark'] as const) await expectAccessible(page, theme)
    locked = true
    await page.keyboard.press('Control+Enter')
    await expect(page.getByText('Your locked answer', { exact: true })).toBeVisible()
    await expect(page.getByRole('button', { name: /Keep mine/ })).toBeVisible()
    await expect(title(page)).toHaveText(first ?? '')
    const suggestion =
      (await page.getByText('Model suggested').locator('xpath=../following-sibling::p[1]').textContent()) ??
      ''
    expect(suggestion.length).toBeGreaterThan(0)
    expect(before.some(text => text.includes(suggestion))).toBe(false)
    for (const theme of ['light', 'dark'] as const) await expectAccessible(page, theme)
    await page.setViewportSize({ width: 390, height: 844 })
    await expectNoSideways(page)
    await page.setViewportSize({ width: 1280, height: 800 })
    await page.keyboard.press('m')
    await expect(title(page)).not.toHaveText(first ?? '')
    await expect(rail(page).getByRole('listitem').first()).toContainText('Model’s is better')
    await page.keyboard.press('z')
    await expect(rail(page).getByRole('listitem').first()).toContainText('Undone')
    await expect(rail(page).getByRole('button', { name: 'Compare with the suggestion' })).toBeVisible()
    await page.getByRole('button', { name: 'Compare with the suggestion' }).click()
    await expect(page.getByRole('button', { name: /Keep mine/ })).toBeVisible()
    await page.keyboard.press('e')
    await page.getByRole('textbox', { name: 'Your answer as you want it now' }).fill('Mine, made better.')
    await page.keyboard.press('Control+Enter')
    await expect(rail(page).getByRole('listitem').first()).toContainText('Amended mine')
  })

  test('asks a curator: the item waits, the next one comes, and the question is taken back', async ({
    page,
    context,
    browser,
  }) => {
    const queue = await makeQueue(browser, 'Asking')
    await page.goto(`/p/demo/queues/${queue.id}`)
    await expect(page.getByRole('button', { name: 'Save and next' })).toBeVisible()
    const first = (await title(page).textContent()) ?? ''
    await page.keyboard.press('q')
    await expect(page.getByRole('textbox', { name: 'Your question to a curator' })).toBeFocused()
    await page.keyboard.type('Is a nickname a name?')
    await page.keyboard.press('Control+Enter')
    await expect(title(page)).not.toHaveText(first)
    await expect(rail(page).getByRole('listitem').first()).toContainText('Is a nickname a name?')
    await expect.poll(async () => (await mine(context, queue.id))[0]?.entryState).toBe('parked')
    await page.keyboard.press('z')
    await expect(title(page)).toHaveText(first)
    await expect.poll(async () => (await mine(context, queue.id))[0]?.standing).toBe('undone')
  })

  test('what was done without a connection outlives the tab, and arrives once and in its order', async ({
    page,
    context,
    browser,
  }) => {
    const queue = await makeQueue(browser, 'No connection')
    await page.goto(`/p/demo/queues/${queue.id}`)
    await expect(page.getByRole('button', { name: 'Save and next' })).toBeVisible()
    await expect(page.getByText('Nothing yet.')).toBeVisible()
    const first = (await title(page).textContent()) ?? ''
    await context.setOffline(true)
    await page.keyboard.press('s')
    await expect(title(page)).not.toHaveText(first)
    const second = (await title(page).textContent()) ?? ''
    await page.keyboard.press('q')
    await page.getByRole('textbox', { name: 'Your question to a curator' }).fill('Which of the two?')
    await page.keyboard.press('Control+Enter')
    await expect(page.getByText('2 decisions wait on this device')).toBeVisible()
    await page.keyboard.press('z')
    await expect(title(page)).toHaveText(second)
    await expect(page.getByText('3 decisions wait on this device')).toBeVisible()
    await page.close({ runBeforeUnload: false })
    await context.setOffline(false)
    const again = await context.newPage()
    const twin = await context.newPage()
    await Promise.all([again, twin].map(tab => tab.goto(`/p/demo/queues/${queue.id}`)))
    const events = () =>
      withDatabase(async pool => {
        const { rows } = await pool.query(
          'SELECT type, target_event_id AS target, id FROM review_events WHERE queue_id = $1 ORDER BY seq',
          [queue.id],
        )
        return rows as { type: string; target: string | null; id: string }[]
      })
    await expect
      .poll(async () => (await events()).map(event => event.type), { timeout: 30_000 })
      .toEqual(['skipped', 'asked', 'undone'])
    const [, asked, undone] = await events()
    expect(undone?.target).toBe(asked?.id)
    expect((await mine(context, queue.id)).map(entry => [entry.type, entry.standing])).toEqual([
      ['asked', 'undone'],
      ['skipped', 'active'],
    ])
  })

  test('judges three near-duplicates by one decision: one row, one undo, one redo', async ({
    page,
    context,
    browser,
  }) => {
    const word = `parcel${Date.now()}`
    const owner = await browser.newContext()
    await signInAs(owner, 'owner')
    const made = await owner.request.post(`${origin}/api/v1/projects/demo/items`, {
      data: {
        items: [1, 2, 3].map(number => ({
          payload: {
            subject: `Delivery ${number}`,
            messages: [
              {
                author: 'Ana',
                fromMe: false,
                sentAt: null,
                text: `Good morning, could you please tell me where ${word} with the number 471${number} is at the moment?`,
              },
            ],
          },
        })),
      },
      headers: { origin },
    })
    expect(made.ok()).toBe(true)
    await owner.close()
    const queue = await makeQueue(browser, 'Alike', { word })
    expect(queue.items).toBe(3)
    await page.goto(`/p/demo/queues/${queue.id}`)
    await expect(page.getByRole('button', { name: 'Save and next' })).toBeVisible()
    const item = (await title(page).textContent()) ?? ''
    for (let at = await suggestions(page).count(); at > 0; at -= 1) await page.keyboard.press('a')
    if ((await suggestions(page).count()) === 0)
      await page.getByRole('textbox', { name: 'Your answer' }).fill('I will look where it is.')
    await page.getByRole('button', { name: /like this/ }).click()
    const panel = page.getByRole('region', { name: 'Judge together' })
    await expect(panel.getByRole('checkbox')).toHaveCount(2)
    await expect(panel).toContainText('471')
    for (const theme of ['light', 'dark'] as const) await expectAccessible(page, theme)
    await page.setViewportSize({ width: 390, height: 844 })
    await expectNoSideways(page)
    await page.setViewportSize({ width: 1280, height: 800 })
    await panel.getByRole('button', { name: 'Judge 3 together' }).click()
    await expect(page.getByText('3 judged together.')).toBeVisible()
    const rows = rail(page).getByRole('listitem')
    await expect(rows).toHaveCount(1)
    await expect(rows).toContainText('3 judged together')
    const standing = async () => (await mine(context, queue.id)).map(entry => entry.standing)
    await expect.poll(standing).toEqual(['active', 'active', 'active'])
    await rows.getByRole('button', { name: /^Undo/ }).click()
    await expect.poll(standing).toEqual(['undone', 'undone', 'undone'])
    await expect(page.getByText('0 of 3 done')).toBeVisible()
    await expect(title(page)).toHaveText(item)
    await rows.getByRole('button', { name: /^Redo/ }).click()
    await expect.poll(standing).toEqual(['active', 'active', 'active'])
    await expect(rows).toHaveCount(1)
  })
})
