import type { Page } from '@playwright/test'
import { expect, expectAccessible, expectNoSideways, signInAsSomebody, test } from './fixtures'
import { makeQueue } from './queues'

const help = (page: Page) => page.getByRole('region', { name: /^(Change keys|Keys)$/ })
const change = (words: string) => ({ name: new RegExp(`^Change the key for ${words}:`) })
const keyOf = (page: Page, words: string) => help(page).getByRole('button', change(words))
const row = (page: Page, words: string) =>
  help(page)
    .getByRole('listitem')
    .filter({ has: page.getByRole('button', change(words)) })

test('a person gives keys other meanings: a clash is refused, two change places, one is switched off, on every device', async ({
  page,
  context,
  browser,
}) => {
  await signInAsSomebody(context, 'annotator')
  const queue = await makeQueue(browser, 'Own keys')
  await page.goto(`/p/demo/queues/${queue.id}`)
  await expect(page.getByRole('button', { name: 'Save and next' })).toBeVisible()
  const title = page.locator('#item-title')
  const first = (await title.textContent()) ?? ''

  await page.keyboard.press('?')
  await help(page).getByRole('button', { name: 'Change keys' }).click()
  await keyOf(page, 'skip').click()
  await expect(help(page).getByRole('button', { name: /^Press the key for skip\./ })).toBeFocused()
  await page.keyboard.press('f')
  await expect(row(page, 'skip')).toContainText('F already is: flag (Workbench).')
  await page.keyboard.press('Control+s')
  await expect(row(page, 'skip')).toContainText('The browser or the field uses that one')
  for (const theme of ['light', 'dark'] as const) await expectAccessible(page, theme)
  await page.keyboard.press('w')
  await expect(page.getByText('Skip is W now.')).toBeVisible()
  await expect(keyOf(page, 'skip')).toHaveAccessibleName(/: W$/)

  await keyOf(page, 'good').click()
  await page.keyboard.press('x')
  await row(page, 'good').getByRole('button', { name: 'Let them change places' }).click()
  await expect(page.getByText('The two keys changed places.')).toBeVisible()
  await expect(keyOf(page, 'good')).toHaveAccessibleName(/: X$/)
  await expect(keyOf(page, 'wrong')).toHaveAccessibleName(/: A$/)

  await keyOf(page, 'flag').click()
  await row(page, 'flag').getByRole('button', { name: 'Off' }).click()
  await expect(keyOf(page, 'flag')).toHaveAccessibleName(/: off$/)
  await page.setViewportSize({ width: 390, height: 844 })
  await expectNoSideways(page)
  await page.setViewportSize({ width: 1280, height: 800 })
  await page.keyboard.press('Escape')
  await expect(help(page)).toHaveCount(0)

  // The key that was let go of does nothing, the other one skips; the page shows it where it shows keys.
  await page.keyboard.press('s')
  await page.keyboard.press('f')
  await expect(title).toHaveText(first)
  await expect(page.getByRole('button', { name: 'Skip', exact: true })).toHaveAttribute(
    'aria-keyshortcuts',
    'W',
  )
  await page.keyboard.press('w')
  await expect(title).not.toHaveText(first)

  // Another device of the same person.
  const device = await browser.newContext({ storageState: await context.storageState() })
  const there = await device.newPage()
  await there.goto(`${new URL(page.url()).origin}/p/demo/queues`)
  await there.keyboard.press('?')
  await help(there).getByRole('button', { name: 'Change keys' }).click()
  await help(there).getByText('Keys of other pages').click()
  await expect(keyOf(there, 'skip')).toHaveAccessibleName(/: W$/)

  // Undo is one key for all pages; all come back as they were, and that is undone too.
  await keyOf(there, 'undo').click()
  await there.keyboard.press('b')
  await expect(row(there, 'undo')).toContainText('B already is: both fine (Blind).')
  await there.keyboard.press('Escape')
  await help(there).getByRole('button', { name: 'All as they come' }).click()
  await expect(keyOf(there, 'skip')).toHaveAccessibleName(/: S$/)
  await there.getByRole('button', { name: 'Undo', exact: true }).click()
  await expect(keyOf(there, 'skip')).toHaveAccessibleName(/: W$/)
  await device.close()
})

test('letters are switched off for good, and the keys that remain work', async ({
  page,
  context,
  browser,
}) => {
  await signInAsSomebody(context, 'annotator')
  const queue = await makeQueue(browser, 'No letters')
  await page.goto(`/p/demo/queues/${queue.id}`)
  await expect(page.getByRole('button', { name: 'Save and next' })).toBeVisible()
  const title = page.locator('#item-title')
  const first = (await title.textContent()) ?? ''
  await page.getByRole('button', { name: 'all keys' }).click()
  const saved = page.waitForResponse(answer => answer.url().endsWith('/me/keys') && answer.ok())
  await help(page).getByRole('switch', { name: 'Single-letter keys' }).click()
  await saved
  await page.keyboard.press('Escape')
  await page.keyboard.press('s')
  await expect(title).toHaveText(first)
  await page.reload()
  await expect(page.getByRole('button', { name: 'Save and next' })).toBeVisible()
  const again = (await title.textContent()) ?? ''
  await page.keyboard.press('s')
  await expect(title).toHaveText(again)
  await page.getByRole('button', { name: 'Skip', exact: true }).click()
  await expect(title).not.toHaveText(again)
})
