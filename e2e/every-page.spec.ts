import type { Browser } from '@playwright/test'
import type { QueueList } from '@/contract/v1/review'
import { pagePermissions } from '@/domain/page-permission'
import { roleMay, roles } from '@/domain/permission'
import { agree, expect, expectAccessible, expectNoSideways, signInAs, test } from './fixtures'

const pages = Object.entries(pagePermissions).filter(([path]) => path !== '')

/** A page's address in the demo, with the id of something that is there in the place of a name. */
async function addressOf(browser: Browser, path: string): Promise<string> {
  // The dataset that every demo has, and a row of its first version.
  if (path.includes('[dataset]'))
    return `/p/demo/${path.replace('[dataset]', 'replies-people-kept').replace('[row]', '1')}`
  if (!path.includes('[queueId]')) return `/p/demo/${path}`
  const context = await browser.newContext()
  await signInAs(context, 'curator')
  const answer = await context.request.get(`${process.env.BASE_URL}/api/v1/projects/demo/queues`)
  const [queue] = ((await answer.json()) as QueueList).queues
  await context.close()
  return `/p/demo/${path.replace('[queueId]', queue?.id ?? '')}`
}

const doors = [
  '/',
  '/sign-in',
  '/link/not-a-token',
  '/invite/not-a-token',
  '/reset/not-a-token',
  '/nothing-here',
]

test.describe('every page × every role', () => {
  for (const role of roles) {
    test(`as ${role}: what the table allows opens, all else is not found`, async ({
      page,
      context,
      browser,
    }) => {
      await signInAs(context, role)
      for (const [path, permission] of pages) {
        const response = await page.goto(await addressOf(browser, path))
        expect(response?.status(), `${path} as ${role}`).toBe(roleMay(role, permission) ? 200 : 404)
      }
      expect((await page.goto('/p/somebody-elses/inbox'))?.status()).toBe(404)
    })
  }

  test('signed out: every page leads to the sign-in and back', async ({ page, browser }) => {
    for (const [path] of pages) {
      await page.goto(await addressOf(browser, path))
      await expect(page).toHaveURL(/\/sign-in\?next=/)
    }
  })
})

test.describe('every page is accessible, in both themes and at 390 px', () => {
  test('doors', async ({ page }) => {
    for (const door of doors) {
      await page.goto(door)
      await expect(page.locator('h1')).toHaveCount(1)
      for (const theme of ['light', 'dark'] as const) await expectAccessible(page, theme)
      await page.setViewportSize({ width: 390, height: 844 })
      await expectNoSideways(page)
      await page.setViewportSize({ width: 1280, height: 800 })
    }
  })

  for (const [path] of pages) {
    test(path, async ({ page, context, browser }) => {
      await signInAs(context, 'owner')
      await agree(context)
      await page.goto(await addressOf(browser, path))
      await expect(page.getByRole('main')).toBeVisible()
      for (const theme of ['light', 'dark'] as const) await expectAccessible(page, theme)
      await page.setViewportSize({ width: 390, height: 844 })
      await expectAccessible(page, 'light')
      await expectNoSideways(page)
    })
  }

  test('account', async ({ page, context }) => {
    await signInAs(context, 'contributor')
    await page.goto('/account')
    for (const theme of ['light', 'dark'] as const) await expectAccessible(page, theme)
  })
})

test('pages carry a strict policy: scripts by nonce only, no frames', async ({ page }) => {
  const response = await page.goto('/sign-in')
  const policy = response?.headers()['content-security-policy'] ?? ''
  expect(policy).toMatch(/script-src [^;]*'nonce-[^']+'[^;]*'strict-dynamic'/)
  expect(policy).not.toMatch(/script-src [^;]*'unsafe-(inline|eval)'/)
  expect(policy).toContain("frame-ancestors 'none'")
  expect(response?.headers()['x-content-type-options']).toBe('nosniff')
})
