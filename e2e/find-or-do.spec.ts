import { expect, expectAccessible, expectNoSideways, signInAs, test } from './fixtures'

test('the palette finds pages and things by name, does what the page can do, and gives focus back', async ({
  page,
  context,
}) => {
  await signInAs(context, 'curator')
  await page.goto('/p/demo/models')
  const opener = page.getByRole('button', { name: 'Find or do' })
  const palette = page.getByRole('dialog', { name: 'Find or do' })
  await opener.click()
  const words = palette.getByRole('combobox', { name: 'Find or do' })
  await expect(words).toBeFocused()
  for (const theme of ['light', 'dark'] as const) await expectAccessible(page, theme)
  await page.keyboard.press('Escape')
  await expect(palette).toBeHidden()

  await page.keyboard.press('Control+k')
  await words.fill('low conf')
  await palette.getByRole('option', { name: 'Low confidence' }).click()
  await expect(page).toHaveURL(/\/p\/demo\/queues\/[0-9a-f-]{36}$/)

  await page.goto('/p/demo/feedback')
  await page.keyboard.press('Control+k')
  await words.fill('member')
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(/\/p\/demo\/members$/)

  await page.keyboard.press('Control+k')
  await words.fill('dark theme')
  await page.keyboard.press('Enter')
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark')
  await page.keyboard.press('Control+k')
  await words.fill('theme as the system')
  await page.keyboard.press('Enter')

  await page.keyboard.press('Control+k')
  await words.fill('plumber')
  await palette.getByRole('option', { name: /Feedback with “plumber”/ }).click()
  await expect(page).toHaveURL(/\/feedback\?text=plumber/)
  await page.setViewportSize({ width: 390, height: 844 })
  await page.keyboard.press('Escape')
  await page.keyboard.press('Control+k')
  await expect(palette).toBeVisible()
  await expectNoSideways(page)
})

test('what has a key on the page can be done from the palette, and what one may not see is not found', async ({
  page,
  context,
}) => {
  await signInAs(context, 'contributor')
  await page.goto('/p/demo/inbox')
  await page.keyboard.press('Control+k')
  const palette = page.getByRole('dialog', { name: 'Find or do' })
  const words = palette.getByRole('combobox', { name: 'Find or do' })
  await words.fill('low conf')
  await expect(palette.getByText('Nothing here has such a name.')).toBeVisible()
  await words.fill('next')
  const next = palette.getByRole('group', { name: 'On this page' }).getByRole('option').first()
  await expect(next).toBeVisible()
  const before = page.url()
  await next.click()
  await expect(palette).toBeHidden()
  await expect(page).not.toHaveURL(before)
})
