import type { BrowserContext, Page } from '@playwright/test'
import type { DemandPage } from '@/contract/v1/demand'
import type { HistoryPage } from '@/contract/v1/feedback'
import type { OutcomeScores, RecordOutcomesAnswer } from '@/contract/v1/outcomes'
import { agree, expect, expectAccessible, expectNoSideways, signInAs, test } from './fixtures'

const api = '/api/v1/projects/demand'
const row = (page: Page, day: string) => page.getByRole('listitem').filter({ hasText: day })
const toast = (page: Page, words: string) => page.getByRole('listitem').filter({ hasText: words })
const forecast = 'Forecast by the model'

async function myActs(context: BrowserContext): Promise<HistoryPage['entries']> {
  return ((await (await context.request.get(`${api}/my-history?limit=200`)).json()) as HistoryPage).entries
}

test('nothing is forecast before the person agrees', async ({ page, context }) => {
  await signInAs(context, 'annotator')
  const asked: string[] = []
  page.on('request', request => {
    if (request.url().includes('/suggest')) asked.push(request.url())
  })
  await page.goto('/p/demand/demand')
  await expect(page.getByRole('heading', { name: 'Clark/Lake' })).toBeVisible()
  await expect(row(page, 'Mon, 1 Aug 2016')).toContainText('Not asked yet.')
  expect(asked).toEqual([])
  await page.getByRole('button', { name: 'Continue' }).click()
  await expect(row(page, 'Mon, 1 Aug 2016')).toContainText(forecast, { timeout: 20_000 })
})

test.describe('with forecasts', () => {
  test.beforeEach(async ({ page, context }) => {
    await signInAs(context, 'contributor')
    await agree(context, 'demand')
    await page.goto('/p/demand/demand')
    await expect(row(page, 'Mon, 8 Aug 2016')).toContainText(forecast, { timeout: 20_000 })
  })

  test('accept by key, override with a reason, undo; why it says so', async ({ page, context }) => {
    await page.keyboard.press('j')
    await page.keyboard.press('a')
    const first = row(page, 'Mon, 1 Aug 2016')
    await expect(toast(page, 'Forecast accepted.')).toBeVisible()
    await expect(first).toContainText('Accepted')
    await page.keyboard.press('z')
    await expect(first).toContainText(forecast)
    await page.keyboard.press('e')
    const field = first.getByRole('textbox', { name: 'Number for Mon, 1 Aug 2016' })
    await expect(field).toBeFocused()
    await field.fill('18.5')
    await expect(first.getByRole('button', { name: 'Save number' })).toHaveAttribute('aria-disabled', 'true')
    await first.getByRole('combobox', { name: 'Why Mon, 1 Aug 2016 differs' }).selectOption('weather')
    await page.keyboard.press('Control+Enter')
    await expect(first).toContainText('Overridden')
    await expect(first).toContainText('Weather')
    await page.reload()
    await expect(first).toContainText('18.5')
    await first.getByRole('button', { name: /^Why this/ }).click()
    await expect(first).toContainText('Monday')
    await expect(first).toContainText('Measured on')
    await first.getByRole('button', { name: /^Undo/ }).click()
    await expect(first).not.toContainText('Overridden')
    await expect
      .poll(async () => (await myActs(context)).filter(act => act.type === 'corrected').length)
      .toBe(1)
  })

  test('a range is shifted in one act and taken back in one', async ({ page, context }) => {
    for (const day of ['Tue, 9 Aug 2016', 'Wed, 10 Aug 2016', 'Thu, 11 Aug 2016'])
      await page.getByRole('checkbox', { name: day }).check()
    await page.getByRole('textbox', { name: 'Shift by' }).fill('+10')
    await page.getByRole('combobox', { name: 'Why the range is shifted' }).selectOption('event')
    await page.getByRole('button', { name: 'Shift', exact: true }).click()
    await expect(toast(page, '3 numbers shifted.')).toBeVisible()
    await expect(row(page, 'Wed, 10 Aug 2016')).toContainText('Overridden')
    await expect
      .poll(
        async () =>
          new Set((await myActs(context)).flatMap(act => (act.type === 'corrected' && act.batchId) || []))
            .size,
      )
      .toBe(1)
    await page.goto('/p/demand/my-history')
    const act = page.getByRole('listitem').filter({ hasText: 'One act on 3 items' })
    await act.first().getByRole('button', { name: /Undo/ }).click()
    await expect(toast(page, 'Undone.')).toBeVisible()
    await page.goto('/p/demand/demand')
    await expect(row(page, 'Wed, 10 Aug 2016')).not.toContainText('Overridden', { timeout: 15_000 })
    await expect(row(page, 'Tue, 9 Aug 2016')).not.toContainText('Overridden')
  })

  test('without a connection a number is kept and delivered once when it is back', async ({
    page,
    context,
  }) => {
    await context.setOffline(true)
    await row(page, 'Fri, 12 Aug 2016')
      .getByRole('button', { name: /^Accept/ })
      .click()
    await expect(row(page, 'Fri, 12 Aug 2016')).toContainText('Accepted')
    await context.setOffline(false)
    await expect
      .poll(
        async () =>
          (await myActs(context)).filter(act => act.title?.includes('12 Aug') && act.type === 'accepted')
            .length,
        {
          timeout: 20_000,
        },
      )
      .toBe(1)
  })

  test('it is usable by everybody, in both themes and on a phone', async ({ page }) => {
    for (const theme of ['light', 'dark'] as const) await expectAccessible(page, theme)
    await page.setViewportSize({ width: 390, height: 844 })
    await expectAccessible(page, 'light')
    await expectNoSideways(page)
    await page.setViewportSize({ width: 320, height: 800 })
    await expectNoSideways(page)
  })
})

test('without a connection the version that came with the page forecasts here, and it is told when it is back', async ({
  page,
  context,
}) => {
  await signInAs(context, 'curator')
  await agree(context, 'demand')
  const gone = /\/api\/v1\/projects\/demand\/(suggest|exposures|feedback)$/
  await page.route(gone, route => route.abort('connectionrefused'))
  await page.goto('/p/demand/demand')
  const day = row(page, 'Sat, 13 Aug 2016')
  await expect(day).toContainText('Forecast on this device', { timeout: 20_000 })
  await day.getByRole('button', { name: /^Accept/ }).click()
  await expect(day).toContainText('Accepted')
  await page.unroute(gone)
  const told = async () => (await myActs(context)).filter(act => act.title?.includes('13 Aug 2016'))
  await expect
    .poll(async () => (await told()).map(act => act.type), { timeout: 40_000 })
    .toEqual(['accepted'])
  const [accepted] = await told()
  const why = await (await context.request.get(`${api}/exposures/${accepted?.exposureId}/why`)).json()
  expect(why).toMatchObject({
    shown: true,
    rules: expect.arrayContaining([expect.objectContaining({ rule: 'shown-in-page' })]),
  })
  expect(why.candidates[0]?.text).toMatch(/^\d/)
})

test('the outcome arrives, is corrected and taken back, and settles who was right', async ({
  page,
  context,
}) => {
  await signInAs(context, 'contributor')
  await agree(context, 'demand')
  await page.goto('/p/demand/demand')
  const day = row(page, 'Tue, 2 Aug 2016')
  await expect(day).toContainText(forecast, { timeout: 20_000 })
  await day.getByRole('button', { name: /^Accept/ }).click()
  await expect
    .poll(async () => (await myActs(context)).some(act => act.title?.includes('2 Aug 2016')))
    .toBe(true)
  await signInAs(context, 'owner')
  const { scores } = (await (await context.request.get(`${api}/outcome-scores`)).json()) as OutcomeScores
  expect(scores[0]?.n).toBeGreaterThan(60)
  const post = async (value: number) => {
    const answer = await context.request.post(`${api}/outcomes`, {
      data: { outcomes: [{ payload: { series: 'Clark/Lake', time: '2016-08-02' }, value }] },
      headers: { origin: process.env.BASE_URL ?? '' },
    })
    expect(answer.status()).toBe(200)
    return (await answer.json()) as RecordOutcomesAnswer
  }
  expect((await post(22.04)).outcomes[0]?.status).toBe('stored')
  const later = await post(22.05)
  expect(later.outcomes[0]?.status).toBe('corrected')
  const known = async () =>
    ((await (await context.request.get(`${api}/demand`)).json()) as DemandPage).history.find(
      one => one.time === '2016-08-02',
    )?.value
  expect(await known()).toBe(22.05)
  const undone = await context.request.post(`${api}/actions/${later.actionId}/undo`, {
    headers: { origin: process.env.BASE_URL ?? '' },
  })
  expect(undone.status()).toBe(200)
  expect(await known()).toBe(22.04)
  await page.goto('/p/demand/outcomes')
  await expect(page.getByRole('heading', { name: 'Who was right' })).toBeVisible()
  await expect(page.getByRole('table', { name: 'Errors of model and person, by slice' })).toContainText(
    'day: weekend',
  )
  for (const theme of ['light', 'dark'] as const) await expectAccessible(page, theme)
})

test('a curator enters what a period came to, corrects it and takes it back, on the page', async ({
  page,
  context,
}) => {
  await signInAs(context, 'curator')
  await agree(context, 'demand')
  await page.goto('/p/demand/demand')
  const values = page.getByRole('region', { name: 'True values' })
  // The first that is still to come stands first.
  const day = (await values.getByRole('option').first().textContent()) ?? ''
  const field = values.getByRole('textbox', { name: /^Came to/ })
  await field.fill('twenty')
  await values.getByRole('button', { name: 'Enter it' }).click()
  await expect(values).toContainText('Write a number without separators')
  await expect(field).toBeFocused()
  await field.fill('21.5')
  await page.keyboard.press('Enter')
  await expect(toast(page, `${day} came to 21.5.`)).toBeVisible()
  const known = values.getByRole('row').filter({ hasText: day })
  await expect(known).toContainText('21.5')
  await expect(known).toContainText('you')

  await known.getByRole('button', { name: `Correct ${day}` }).click()
  await expect(field).toBeFocused()
  await field.fill('22')
  await values.getByRole('button', { name: 'Correct it' }).click()
  await expect(known).toContainText('you, corrected once')
  await toast(page, 'corrected to 22').getByRole('button', { name: /Undo/ }).click()
  await expect(known).toContainText('21.5')
  await expect(known).not.toContainText('corrected')

  // Opened anew, at its top: no message and no lane lies half over a target, which would be measured as a smaller one.
  await page.goto('/p/demand/demand')
  await expect(known).toContainText('21.5')
  expect(await page.evaluate(() => window.scrollY)).toBe(0)
  await expectAccessible(page, 'dark')
  await page.setViewportSize({ width: 390, height: 844 })
  await expectNoSideways(page)
})

test('who may not say what came true is not asked to', async ({ page, context }) => {
  await signInAs(context, 'contributor')
  await page.goto('/p/demand/demand')
  await expect(page.getByRole('heading', { name: 'What came of it' })).toBeVisible()
  await expect(page.getByRole('heading', { name: 'True values' })).toBeHidden()
})
