import { randomUUID } from 'node:crypto'
import { agree, expect, signInAs, test } from './fixtures'

const members = '/p/demo/members'

test.describe('an owner lets somebody in', () => {
  test('by a link that works once; roles and sign-out count from the next request', async ({
    page,
    context,
    browser,
    baseURL,
  }) => {
    await signInAs(context, 'owner')
    await page.goto(members)
    await page.getByLabel('Role', { exact: true }).selectOption('viewer')
    await page.getByRole('button', { name: 'Make an invite link' }).click()
    const link = await page.getByLabel('Invite link, viewer').inputValue()

    const guest = await browser.newContext({ baseURL: baseURL ?? '' })
    const guestPage = await guest.newPage()
    const name = `Ana ${randomUUID().slice(0, 6)}`
    await guestPage.goto(link)
    await guestPage.getByLabel('Your name').fill(name)
    await guestPage.getByLabel('E-mail').fill(`${randomUUID().slice(0, 8)}@example.test`)
    await guestPage.getByLabel(/^Password/).fill('a long enough password')
    await guestPage.getByRole('button', { name: 'Make my account and join' }).click()
    await expect(guestPage).toHaveURL(/\/p\/demo/)
    expect((await guestPage.goto('/p/demo/feedback'))?.status()).toBe(200)
    expect((await guestPage.goto('/p/demo/inbox'))?.status()).toBe(404)

    const second = await browser.newContext({ baseURL: baseURL ?? '' })
    const latePage = await second.newPage()
    await latePage.goto(link)
    await expect(latePage.getByRole('heading', { level: 1 })).not.toContainText('Join')
    await second.close()

    await page.reload()
    await page.getByLabel(`Role of ${name}`).selectOption('contributor')
    await expect(async () => expect((await guestPage.goto('/p/demo/inbox'))?.status()).toBe(200)).toPass()
    expect((await guestPage.goto('/p/demo/feedback'))?.status()).toBe(404)

    const stolen = await guest.storageState()
    await guestPage.goto('/account')
    await guestPage.getByRole('button', { name: 'Sign out here' }).click()
    await expect(guestPage).not.toHaveURL(/account/)
    const thief = await browser.newContext({ baseURL: baseURL ?? '', storageState: stolen })
    expect((await thief.request.get('/api/v1/me')).status()).toBe(401)
    await thief.close()
    await guest.close()
  })

  test('a wrong password says the same for known and unknown addresses', async ({ page }) => {
    const words: string[] = []
    for (const email of ['owner@localhost', `${randomUUID()}@example.test`]) {
      await page.goto('/sign-in')
      await page.getByLabel('E-mail').fill(email)
      await page.getByLabel('Password').fill('not the password')
      await page.getByRole('button', { name: 'Sign in', exact: true }).click()
      words.push(
        (await page.getByRole('alert').filter({ hasText: /\w/ }).first().textContent())?.trim() ?? '',
      )
    }
    expect(words[0]).toBe(words[1])
  })
})

test('a key is shown once, opens this project alone, and is shut at once when revoked', async ({
  page,
  context,
  request,
}) => {
  await signInAs(context, 'owner')
  await page.goto('/p/demo/settings')
  const name = `Key ${randomUUID().slice(0, 6)}`
  const form = page.locator('form').filter({ has: page.getByRole('button', { name: 'Make a key' }) })
  await form.getByLabel('Name', { exact: true }).fill(name)
  await form.getByRole('button', { name: 'Make a key' }).click()
  const key = await page.getByLabel('The key', { exact: true }).inputValue()
  const headers = { authorization: `Bearer ${key}` }
  expect((await request.get('/api/v1/projects/demo/feedback', { headers })).status()).toBe(200)
  expect((await request.get('/api/v1/projects/another/feedback', { headers })).status()).toBe(404)
  expect((await request.get('/api/v1/projects/demo/settings', { headers })).status()).toBe(403)

  await page.reload()
  await expect(page.getByText(key)).toHaveCount(0)
  await expect(page.getByLabel('The key', { exact: true })).toHaveCount(0)
  const row = page.getByRole('row', { name: new RegExp(name) })
  await row.getByRole('button', { name: 'Revoke' }).click()
  await row.getByRole('group', { name: 'Revoke' }).getByRole('button', { name: 'Revoke' }).click()
  await expect(row.getByText(/revoked/i)).toBeVisible()
  await expect(async () =>
    expect((await request.get('/api/v1/projects/demo/feedback', { headers })).status()).toBe(401),
  ).toPass({ timeout: 5000 })
})

test('every change of settings is in the history and can be undone there', async ({ page, context }) => {
  await signInAs(context, 'owner')
  await agree(context)
  await page.goto('/p/demo/settings')
  const field = page.getByLabel('Longest suggestion')
  const before = await field.inputValue()
  await field.fill('77')
  await page.getByRole('button', { name: /Save guardrails/i }).click()
  await expect(page.getByRole('list', { name: 'Notices (F8)' }).getByRole('listitem')).toBeVisible()
  await page.goto('/p/demo/history')
  const newest = page.getByRole('main').getByRole('listitem').first()
  await expect(newest).toContainText('77')
  await newest.getByRole('button', { name: /Undo/ }).click()
  await expect(async () => {
    await page.goto('/p/demo/settings')
    await expect(page.getByLabel('Longest suggestion')).toHaveValue(before)
  }).toPass()
})
