import { readFile } from 'node:fs/promises'
import type { BrowserContext, Page } from '@playwright/test'
import type { HistoryPage } from '@/contract/v1/feedback'
import { agree, expect, expectAccessible, expectNoSideways, signInAs, test } from './fixtures'

const api = '/api/v1/projects/album'
const card = (page: Page, title: string) =>
  page.getByRole('listitem').filter({ has: page.getByRole('img', { name: title, exact: true }) })
const toast = (page: Page, words: string) => page.getByRole('listitem').filter({ hasText: words })
const dogs = () => readFile('db/seed/photos/two-dogs.jpg')

/** What the server keeps about this person's acts on a photo, oldest first. */
async function storedTypes(context: BrowserContext, title: string): Promise<string[]> {
  const answer = await context.request.get(`${api}/my-history?limit=200`)
  const { entries } = (await answer.json()) as HistoryPage
  return entries
    .filter(entry => entry.title === title)
    .map(entry => entry.type)
    .toReversed()
}

test('nothing is asked before the person agrees; then captions appear, mistakes included', async ({
  page,
  context,
}) => {
  await signInAs(context, 'annotator')
  const asked: string[] = []
  page.on('request', request => {
    if (request.url().includes('/suggest')) asked.push(request.url())
  })
  await page.goto('/p/album/album')
  await expect(page.getByRole('heading', { name: 'Before the first suggestion' })).toBeVisible()
  await expect(card(page, 'At the window')).toContainText('No caption yet')
  await expect(page.getByRole('button', { name: 'Add photos' })).toHaveAttribute('aria-disabled', 'true')
  expect(asked).toEqual([])
  await page.getByRole('button', { name: 'Continue' }).click()
  await expect(card(page, 'At the window')).toContainText('A photo of a dog.', { timeout: 15_000 })
  await expect(card(page, 'Brushes')).toContainText('The model recognised nothing in it.')
})

test.describe('in the album', () => {
  test.beforeEach(async ({ page, context }) => {
    await signInAs(context, 'contributor')
    await agree(context, 'album')
    await page.goto('/p/album/album')
  })

  test('accept by key, undo, and it is as if nothing had been', async ({ page, context }) => {
    const photo = card(page, 'At the window')
    await expect(photo).toContainText('A photo of a dog.', { timeout: 15_000 })
    await page.keyboard.press('j')
    await page.keyboard.press('a')
    await expect(toast(page, 'Caption accepted.')).toBeVisible()
    await expect(photo).toContainText('Accepted')
    await page.keyboard.press('z')
    await expect(toast(page, 'Undone. The suggestion is back.')).toBeVisible()
    await expect(photo.getByRole('button', { name: 'Accept' })).toBeVisible()
    await expect.poll(() => storedTypes(context, 'At the window')).toEqual(['accepted', 'undone'])
    await page.keyboard.press('Shift+Z')
    await expect(photo).toContainText('Accepted')
    await expect.poll(() => storedTypes(context, 'At the window')).toEqual(['accepted', 'undone', 'redone'])
    await page.reload()
    await expect(photo).toContainText('Accepted')
    await photo.getByRole('button', { name: 'Undo' }).click()
    await expect(photo).not.toContainText('Accepted')
  })

  test('correct in place, with the difference word by word; nothing waits to be sent', async ({
    page,
    context,
  }) => {
    const photo = card(page, 'Before the launch')
    await expect(photo).toContainText('A photo of a clock.', { timeout: 15_000 })
    await photo.getByRole('button', { name: 'Edit' }).click()
    const field = photo.getByRole('textbox', { name: 'Caption of Before the launch' })
    await expect(field).toBeFocused()
    await field.fill('A photo of a rocket.')
    await expect(photo.locator('del')).toHaveText('clock')
    await expect(photo.locator('ins')).toHaveText('rocket')
    await expect(photo).toContainText('1 word changed')
    await field.press('Control+Enter')
    await expect(toast(page, 'Caption corrected.')).toBeVisible()
    await expect(photo).toContainText('A photo of a rocket.')
    await expect.poll(() => storedTypes(context, 'Before the launch')).toEqual(['corrected'])
    const { entries } = (await (await context.request.get(`${api}/my-history`)).json()) as HistoryPage
    expect(entries.find(entry => entry.type === 'corrected')).toMatchObject({
      before: 'A photo of a clock.',
      text: 'A photo of a rocket.',
      sent: null,
      sendAt: null,
    })
    await page.goto('/p/album/my-history')
    await page.getByRole('link', { name: 'Before the launch' }).first().click()
    await expect(page).toHaveURL(/\/p\/album\/album\?t=/)
    await expect(card(page, 'Before the launch')).toBeInViewport()
  })

  test('a half written caption outlives a reload, and can be put back', async ({ page }) => {
    const photo = card(page, 'Morning coffee')
    await photo.scrollIntoViewIfNeeded()
    await expect(photo).toContainText('A photo of a cup.', { timeout: 15_000 })
    await photo.getByRole('button', { name: 'Edit' }).click()
    await photo.getByRole('textbox').fill('A cup of cof')
    await page.reload()
    await expect(photo.getByRole('textbox')).toHaveValue('A cup of cof')
    await photo.getByRole('button', { name: 'Put it back' }).click()
    await expect(photo).toContainText('A photo of a cup.')
  })

  test('write one where the model is silent; dismiss where it is wrong', async ({ page, context }) => {
    const silent = card(page, 'Brushes')
    await silent.getByRole('button', { name: 'Write one' }).click({ timeout: 15_000 })
    await silent.getByRole('textbox').fill('Paint brushes in a row.')
    await silent.getByRole('button', { name: 'Save caption' }).click()
    await expect(silent).toContainText('Written')
    const wrong = card(page, 'Meadow in the evening')
    await wrong.scrollIntoViewIfNeeded()
    await wrong.getByRole('button', { name: 'Dismiss' }).click({ timeout: 15_000 })
    await expect(wrong).toContainText('Dismissed')
    await expect.poll(() => storedTypes(context, 'Meadow in the evening')).toEqual(['dismissed'])
  })

  test('a decision taken offline waits on this device and is delivered once', async ({ page, context }) => {
    const photo = card(page, 'Portrait of an astronaut')
    await photo.scrollIntoViewIfNeeded()
    await expect(photo).toContainText('A photo of a person.', { timeout: 15_000 })
    await context.setOffline(true)
    await photo.getByRole('button', { name: 'Accept' }).click()
    await expect(photo).toContainText('Accepted')
    await expect(page.getByText('1 decision waits on this device')).toBeVisible()
    await context.setOffline(false)
    await expect.poll(() => storedTypes(context, 'Portrait of an astronaut')).toEqual(['accepted'])
  })

  test('uploads: a photo is captioned and nobody else sees it; other files are refused in plain words', async ({
    page,
    context,
    browser,
  }) => {
    await page.getByLabel('Photos from this device').setInputFiles([
      { name: 'ours.jpg', mimeType: 'image/jpeg', buffer: await dogs() },
      { name: 'evil.svg', mimeType: 'image/svg+xml', buffer: Buffer.from('<svg onload="alert(1)"/>') },
      { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('hello') },
    ])
    const photo = card(page, 'ours.jpg')
    await expect(photo).toContainText('A photo of a dog.', { timeout: 15_000 })
    const list = page.getByRole('list', { name: 'Photos on their way' })
    await expect(list.getByRole('listitem').filter({ hasText: 'evil.svg' })).toContainText('not taken')
    await expect(list.getByRole('listitem').filter({ hasText: 'notes.txt' })).toContainText('not a picture')
    for (const theme of ['light', 'dark'] as const) await expectAccessible(page, theme)
    await list.getByRole('button', { name: 'Leave out evil.svg' }).click()
    await list.getByRole('button', { name: 'Leave out notes.txt' }).click()
    await expect(list).toHaveCount(0)
    const source = await photo.getByRole('img').getAttribute('src')
    expect((await context.request.get(source ?? '')).status()).toBe(200)
    const other = await browser.newContext()
    await signInAs(other, 'annotator')
    expect((await other.request.get(source ?? '')).status()).toBe(404)
    await other.close()
  })

  test('a photo can be dropped and pasted', async ({ page }) => {
    const bytes = (await dogs()).toString('base64')
    const hand = (name: string) =>
      page.evaluateHandle(
        ([data, fileName]) => {
          const transfer = new DataTransfer()
          const content = Uint8Array.from(atob(data as string), c => c.charCodeAt(0))
          transfer.items.add(new File([content], fileName as string, { type: 'image/jpeg' }))
          return transfer
        },
        [bytes, name] as const,
      )
    const dataTransfer = await hand('dropped.jpg')
    const target = page.getByRole('heading', { level: 1 })
    await target.dispatchEvent('dragenter', { dataTransfer })
    await expect(page.getByText('Drop the photos here')).toBeVisible()
    await target.dispatchEvent('drop', { dataTransfer })
    await expect(card(page, 'dropped.jpg')).toBeVisible({ timeout: 15_000 })
    await expect(page.getByText('Drop the photos here')).toBeHidden()
    const clipboardData = await hand('pasted.jpg')
    await page.evaluate(
      data => document.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data })),
      clipboardData,
    )
    await expect(card(page, 'pasted.jpg')).toBeVisible({ timeout: 15_000 })
  })

  test('is accessible in both themes and at 390 px, editing too, and nothing shifts while it loads', async ({
    page,
  }) => {
    await page.addInitScript(() => {
      const holder = window as unknown as { shift: number }
      holder.shift = 0
      new PerformanceObserver(list => {
        for (const entry of list.getEntries() as (PerformanceEntry & {
          value: number
          hadRecentInput: boolean
        })[])
          if (!entry.hadRecentInput) holder.shift += entry.value
      }).observe({ type: 'layout-shift', buffered: true })
    })
    await page.goto('/p/album/album')
    await expect(card(page, 'Trail to the pass')).toContainText('A photo of', { timeout: 15_000 })
    await page.waitForLoadState('networkidle')
    expect(await page.evaluate(() => (window as unknown as { shift: number }).shift)).toBeLessThan(0.05)
    await card(page, 'Trail to the pass').getByRole('button', { name: 'Edit' }).click()
    for (const theme of ['light', 'dark'] as const) await expectAccessible(page, theme)
    await page.setViewportSize({ width: 390, height: 844 })
    await expectAccessible(page, 'light')
    await expectNoSideways(page)
  })
})

test('a data scientist sees what became of the captions, with the photos', async ({ page, context }) => {
  await signInAs(context, 'curator')
  await page.goto('/p/album/feedback')
  const row = page.getByRole('row').filter({ hasText: 'Before the launch' }).first()
  await expect(row.locator('img')).toBeVisible()
  await row.getByRole('link').click()
  await expect(page.getByRole('complementary').getByRole('img', { name: 'Before the launch' })).toBeVisible()
  for (const theme of ['light', 'dark'] as const) await expectAccessible(page, theme)
  const file = await (await context.request.get(`${api}/feedback/export?format=jsonl`)).text()
  const lines = file
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))
  expect(lines.find(line => line.state === 'corrected')).toMatchObject({
    task_type: 'image-caption',
    before: { text: 'A photo of a clock.' },
    after: { text: 'A photo of a rocket.' },
  })
  await page.goto('/p/album/models')
  await expect(
    page.getByRole('cell', { name: 'ROUGE-L F1 against one reference caption' }).first(),
  ).toBeVisible()
})
