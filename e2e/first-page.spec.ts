import { expect, expectAccessible, expectNoSideways, signInAs, test } from './fixtures'

const ways = [
  { button: 'Open the inbox', address: '/p/demo/inbox' },
  { button: 'Open the queues', address: '/p/demo/queues' },
  { button: 'Explore feedback', address: '/p/demo/feedback' },
]

test('without an account: each side of the sample opens, and leads on to what its person may see', async ({
  page,
  context,
}) => {
  for (const { button, address } of ways) {
    await context.clearCookies()
    await page.goto('/')
    await page.getByRole('button', { name: button }).click()
    await expect(page).toHaveURL(url => url.pathname === address)
  }
})

test('signed in, with nothing but samples: the same three sides, then the projects', async ({
  page,
  context,
}) => {
  await signInAs(context, 'curator')
  for (const { button, address } of ways) {
    await page.goto('/')
    await page.getByRole('link', { name: button }).click()
    await expect(page).toHaveURL(url => url.pathname === address)
  }
  await page.goto('/')
  await expect(
    page.getByRole('region', { name: 'Projects' }).getByRole('link', { name: 'Smart replies' }),
  ).toBeVisible()
  for (const theme of ['light', 'dark'] as const) await expectAccessible(page, theme)
  await page.setViewportSize({ width: 320, height: 640 })
  await expectNoSideways(page)
})

test('from the inbox the bar leads to review and study, for those who may', async ({ page, context }) => {
  await signInAs(context, 'curator')
  await page.goto('/p/demo/inbox')
  await page.getByRole('link', { name: 'Study', exact: true }).click()
  await expect(page.getByRole('heading', { name: 'Feedback', level: 1 })).toBeVisible()
  await page.goto('/p/demo/inbox')
  await page.getByRole('link', { name: 'Review', exact: true }).click()
  await expect(page).toHaveURL(/\/queues$/)
  await signInAs(context, 'contributor')
  await page.goto('/p/demo/inbox')
  await expect(page.getByRole('link', { name: 'Study', exact: true })).toHaveCount(0)
})
