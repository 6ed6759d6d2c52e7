import { expect, expectAccessible, expectNoSideways, signInAsSomebody, test } from './fixtures'
import { makeQueue } from './queues'

test('what was judged in a queue is undone from My history, also without a connection, and is in the queue again', async ({
  page,
  context,
  browser,
}) => {
  test.slow()
  await signInAsSomebody(context, 'annotator')
  const queue = await makeQueue(browser, 'Taken back later')
  await page.goto(`/p/demo/queues/${queue.id}`)
  await expect(page.getByRole('button', { name: 'Save and next' })).toBeVisible()
  const title = page.locator('#item-title')
  const first = (await title.textContent()) ?? ''
  await page.keyboard.press('s')
  await expect(title).not.toHaveText(first)
  const second = (await title.textContent()) ?? ''

  // The strip shows what was done, what is at hand and what is next, and leads to the row.
  const strip = page.getByRole('list', { name: 'My last items, this one and the next ones' })
  await expect(strip.getByRole('listitem')).toHaveCount(4, { timeout: 30_000 })
  await expect(strip.locator('[aria-current="step"]')).toContainText(second)
  await strip.getByRole('button', { name: /Skipped/ }).click()
  const rail = page.getByRole('list', { name: 'What I did in this queue' })
  await expect(rail.getByRole('button', { name: `Undo: ${first}` })).toBeFocused()

  await page.goto('/p/demo/my-history')
  await page.getByRole('link', { name: 'In review' }).click()
  const rows = page.getByRole('list', { name: 'What you did in review' }).getByRole('listitem')
  await expect(rows).toHaveCount(1)
  await expect(rows).toContainText('Skipped')
  await expect(rows).toContainText(queue.name)
  for (const theme of ['light', 'dark'] as const) await expectAccessible(page, theme)
  await page.setViewportSize({ width: 390, height: 844 })
  await expectNoSideways(page)
  await page.setViewportSize({ width: 1280, height: 800 })
  await context.setOffline(true)
  await rows.getByRole('button', { name: /^Undo/ }).click()
  await rows.getByRole('button', { name: 'Undo anyway' }).click()
  await expect(rows).toContainText('Undone')
  await expect(page.getByText('1 decision waits on this device')).toBeVisible()
  await context.setOffline(false)
  await expect(page.getByText('1 decision waits on this device')).toHaveCount(0, { timeout: 30_000 })
  await page.reload()
  await expect(rows).toContainText('Undone')
  await rows.getByRole('link', { name: queue.name }).click()
  await expect(title).toHaveText(first)
})

test('a photo is looked at from near by keys, buttons and pointer, and nothing around it moves', async ({
  page,
  context,
}) => {
  await signInAsSomebody(context, 'annotator', 'album')
  const queues = (await (await context.request.get('/api/v1/projects/album/queues')).json()) as {
    queues: { id: string; items: number }[]
  }
  const queue = queues.queues.toSorted((a, b) => b.items - a.items)[0]
  await page.goto(`/p/album/queues/${queue?.id}`)
  const photo = page.locator('figure img')
  await expect(photo).toBeVisible()
  const caption = page.locator('figcaption')
  const before = await caption.boundingBox()
  const size = (await photo.boundingBox())?.width ?? 0
  await page.keyboard.press('+')
  await page.keyboard.press('+')
  await expect(page.getByText('225 %')).toBeVisible()
  expect((await photo.boundingBox())?.width).toBeCloseTo(size * 2.25, -1)
  expect(await caption.boundingBox()).toEqual(before)
  const frame = page.getByRole('group', { name: /^Picture, larger than its frame/ })
  const left = () => frame.evaluate(element => element.scrollLeft)
  const middle = await left()
  expect(middle).toBeGreaterThan(0)
  await frame.focus()
  await page.keyboard.press('ArrowRight')
  await expect.poll(left).toBeGreaterThan(middle)
  for (const theme of ['light', 'dark'] as const) await expectAccessible(page, theme)
  await page.getByRole('button', { name: 'Whole picture' }).click()
  await expect(frame).toHaveCount(0)
  await photo.dblclick()
  await expect(page.getByText('250 %')).toBeVisible()
})
