import type { Page } from '@playwright/test'
import type { AlertList } from '@/contract/v1/monitors'
import { api, origin } from './corrections'
import { agree, expect, expectAccessible, expectNoSideways, signInAs, test } from './fixtures'

const alerts = (page: Page) => page.getByRole('complementary', { name: 'Alerts and what to do' })

test('the demo opens with its simulated weeks: figures, drift, and the way to the items', async ({
  page,
  context,
}) => {
  await signInAs(context, 'curator')
  await agree(context)
  // The history is made behind the first pages.
  await expect
    .poll(
      async () =>
        (
          (await (await context.request.get(`${origin}${api}/monitors`)).json()) as {
            total: { seen: number }
          }
        ).total.seen,
      {
        timeout: 120_000,
      },
    )
    .toBeGreaterThan(1_000)
  await page.goto('/p/demo/monitors')
  await expect(page.getByRole('heading', { name: 'Is it still helping?' })).toBeVisible()
  await expect(page.getByText('simulated ones are in, and marked')).toBeVisible()
  await expect(page.getByRole('heading', { name: 'Data: drift by feature' })).toBeVisible()
  for (const theme of ['light', 'dark'] as const) await expectAccessible(page, theme)

  await page.getByText('Acceptance and correction by day, as a table').click()
  const table = page.getByRole('table', { name: 'Acceptance and correction by day' })
  await expect(table.getByRole('row').nth(2)).toContainText('%')
  await table.getByRole('link').nth(1).click()
  await expect(page).toHaveURL(/\/feedback\?.*from=.*to=/)
  await page.goBack()

  await page.setViewportSize({ width: 390, height: 844 })
  await expectNoSideways(page)
})

test('an alert is taken by key, undone from its toast, and silenced', async ({ page, context }) => {
  await signInAs(context, 'curator')
  await agree(context)
  await expect
    .poll(
      async () =>
        ((await (await context.request.get(`${origin}${api}/alerts`)).json()) as AlertList).alerts.length,
      {
        timeout: 120_000,
      },
    )
    .toBeGreaterThan(0)
  await page.goto('/p/demo/monitors')
  const first = alerts(page).getByRole('article').first()
  await expect(first).toContainText('nobody yet')
  await first.focus()
  await page.keyboard.press('t')
  await expect(page.getByText('It is yours.')).toBeVisible()
  await expect(
    alerts(page)
      .getByText(/, you$/)
      .first(),
  ).toBeVisible()
  await page.keyboard.press('z')
  await expect(page.getByText('Undone. The alert is as before.')).toBeVisible()
  await expect(alerts(page).getByText(/, you$/)).toHaveCount(0)
  await alerts(page).getByText('What to do').first().click()
  await expect(alerts(page).getByRole('listitem').filter({ hasText: 'Open the items' }).first()).toBeVisible()
})

test('what drifted becomes a queue in one step, undone from the toast', async ({ page, context }) => {
  await signInAs(context, 'curator')
  await agree(context)
  await page.goto('/p/demo/monitors')
  const make = page.getByRole('button', { name: /^Make a queue: Drift: messages/ })
  await expect(async () => {
    await page.reload()
    await expect(make).toBeVisible({ timeout: 2_000 })
  }).toPass({ timeout: 120_000 })
  await make.click()
  await expect(page.getByText(/The queue “Drift: messages=.*” is made/)).toBeVisible()
  await page.getByRole('button', { name: 'Undo' }).first().click()
  await expect(page.getByText('Undone. The queue is closed.')).toBeVisible()
})

test('owners set what is watched, undo it, and preview guardrails on past items', async ({
  page,
  context,
}) => {
  await signInAs(context, 'owner')
  await agree(context)
  await page.goto('/p/demo/settings/monitors')
  await page.getByRole('checkbox', { name: 'Pause suggestions when too many' }).check()
  await page.getByRole('button', { name: 'Save' }).click()
  await expect(page.getByText('Saved.')).toBeVisible()
  await page.getByRole('button', { name: 'Undo' }).click()
  await expect(page.getByText('Undone. It is watched as before.')).toBeVisible()
  await expect(page.getByRole('checkbox', { name: 'Pause suggestions when too many' })).not.toBeChecked()

  await page.goto('/p/demo/settings')
  await page.getByLabel('Longest suggestion').fill('5')
  await page.getByRole('button', { name: 'Preview on past items' }).click()
  await expect(
    page.getByText(/Would have held back [\d,]+ of [\d,]+, among them [\d,]+ accepted/),
  ).toBeVisible()
})

test('another order is refused where nothing was left to chance', async ({ page, context }) => {
  await signInAs(context, 'viewer')
  await page.goto('/p/demo/monitors/another-order')
  await expect(page.getByRole('heading', { name: 'What would another order have earned?' })).toBeVisible()
  await expect(page.getByText(/The log can’t say\.|Effective rows/)).toBeVisible()
})
