import { randomUUID } from 'node:crypto'
import type { BrowserContext, Page } from '@playwright/test'
import type { ModelList, RegisterModelAnswer, RegisterVersionAnswer } from '@/contract/v1/models'
import { api, correct, send } from './corrections'
import { agree, expect, expectAccessible, expectNoSideways, signInAs, test } from './fixtures'

/** A correction that a contributor made, with a word in it that is nowhere else. */
async function makeCorrection(context: BrowserContext) {
  const word = `quokka${randomUUID().slice(0, 8)}`
  const made = await correct(
    context,
    `About ${word}`,
    suggested => `${suggested.replace(/[.!?]$/, '')}, with ${word}.`,
  )
  return { word, ...made }
}

const table = (page: Page) => page.getByRole('table', { name: 'Feedback, newest first' })
const panel = (page: Page) => page.getByRole('complementary').filter({ hasText: 'What happened' })

async function downloaded(page: Page, name: string): Promise<string> {
  await page.getByRole('button', { name: 'Download' }).click()
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name }).click()])
  await page.keyboard.press('Escape')
  expect(file.suggestedFilename()).toMatch(/^demo-feedback-draft-\d{4}-\d\d-\d\dT\d{4}Z\.(jsonl|csv)$/)
  return Buffer.concat(await (await file.createReadStream()).toArray()).toString()
}

test('a correction is found, studied, downloaded, undone and brought back', async ({ page, context }) => {
  const { word, suggested, kept } = await makeCorrection(context)
  await signInAs(context, 'curator')
  await agree(context)
  await page.goto('/p/demo/feedback')
  await page.keyboard.press('/')
  await page.getByRole('searchbox', { name: 'Words in the item or the text kept' }).fill(word)
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(new RegExp(`text=${word}`))
  await expect(table(page).getByRole('row')).toHaveCount(2)
  const row = table(page).getByRole('row').nth(1)
  await expect(row).toContainText('Corrected')
  await expect(row).toContainText(`About ${word}`)

  const line = JSON.parse(await downloaded(page, 'JSON Lines'))
  expect(line).toMatchObject({
    kind: 'draft',
    query: `text=${word}`,
    state: 'corrected',
    before: { text: suggested },
    after: { text: kept },
    pair: { chosen: { text: kept }, rejected: [{ text: suggested }] },
    simulated: false,
  })
  expect(await downloaded(page, 'CSV')).toContain(`About ${word}`)

  await page.getByRole('heading', { name: 'Feedback', level: 1 }).click()
  await page.keyboard.press('j')
  await page.keyboard.press('Enter')
  await expect(panel(page).getByRole('heading', { name: `About ${word}` })).toBeFocused()
  await expect(panel(page)).toContainText('Can we meet on Thursday')
  await panel(page).getByRole('button', { name: 'Undo' }).click()
  await expect(panel(page).getByRole('group', { name: 'Undo this?' })).toBeVisible()
  await panel(page).getByRole('button', { name: 'Undo it' }).click()
  await expect(row).toContainText('Undone')
  expect(await downloaded(page, 'JSON Lines')).toBe('')
  await panel(page).getByRole('button', { name: 'Redo' }).click()
  await expect(row).toContainText('Corrected')
  expect(JSON.parse(await downloaded(page, 'JSON Lines')).after).toEqual({ text: kept })

  await page.getByRole('heading', { name: `About ${word}` }).click()
  await page.keyboard.press('Escape')
  await expect(panel(page)).toHaveCount(0)
  await page.getByRole('link', { name: `Remove filter words ${word}` }).click()
  await expect(page).toHaveURL(/\/feedback$/)
})

test('simulated rows are marked and come only when asked for', async ({ page, context }) => {
  await signInAs(context, 'curator')
  await page.goto('/p/demo/feedback')
  await expect(page.getByRole('cell', { name: 'Simulated' })).toHaveCount(0)
  await page.getByText('Days, confidence, edit, tags, arm and more').click()
  await page.getByRole('checkbox', { name: 'Simulated rows' }).check()
  await expect(page).toHaveURL(/simulated=include/)
  await expect(page.getByRole('cell', { name: 'Simulated' }).first()).toBeVisible()
})

test('a filter that can’t be read says which part, and the way out', async ({ page, context }) => {
  await signInAs(context, 'curator')
  await page.goto('/p/demo/feedback?confidenceFrom=7')
  await expect(page.getByText('This filter can’t be read.')).toBeVisible()
  await expect(page.getByRole('textbox', { name: 'Confidence from' })).toHaveAttribute('aria-invalid', 'true')
  await page.getByRole('link', { name: 'Show everything' }).click()
  await expect(page).toHaveURL(/\/feedback$/)
  await page.goto('/p/demo/feedback?state=ignored')
  await page.getByRole('button', { name: 'Download' }).click()
  await expect(page.getByText('are nobody’s decision')).toBeVisible()
})

test('a viewer looks, and neither downloads nor undoes', async ({ page, context }) => {
  const { word } = await makeCorrection(context)
  await signInAs(context, 'viewer')
  await page.goto(`/p/demo/feedback?text=${word}`)
  await table(page).getByRole('link').first().click()
  await expect(panel(page)).toContainText('Corrected')
  await expect(page.getByRole('button', { name: 'Download' })).toHaveCount(0)
  await expect(panel(page).getByRole('button')).toHaveCount(0)
  expect((await context.request.get(`${api}/feedback/export`)).status()).toBe(403)
})

test('a pushed version goes live and back', async ({ page, context }) => {
  await signInAs(context, 'owner')
  const name = `Own ${randomUUID().slice(0, 8)}`
  const model = await send<RegisterModelAnswer>(context, '/models', { name, kind: 'push' })
  const version = await send<RegisterVersionAnswer>(context, `/models/${model.id}/versions`, {
    version: '2026-03',
    card: { summary: 'Answers with the nearest known reply.', failsAt: ['Anything new.'] },
  })
  const stageOf = async (id: string) => {
    const { models } = (await (await context.request.get(`${api}/models`)).json()) as ModelList
    return models.flatMap(m => m.versions).find(v => v.id === id)?.stage
  }
  await page.goto('/p/demo/models')
  const card = page.getByRole('region', { name: `${name} 2026-03` })
  await expect(card).toContainText('Candidate')
  await card.getByRole('button', { name: 'Put live' }).click()
  await card.getByRole('button', { name: `Put ${name} 2026-03 live` }).click()
  await expect(card).toContainText('Live')
  expect(await stageOf(version.id)).toBe('live')
  await page.getByRole('button', { name: 'Undo' }).click()
  await expect(card).toContainText('Candidate')
  await expect(page.getByText('answers everyone')).toContainText('Smart reply')
  await card.getByRole('button', { name: 'Retire' }).click()
  await card.getByRole('button', { name: `Retire ${name} 2026-03` }).click()
  await expect(card).toContainText('Retired')
})

test('both pages are accessible in both themes and fit a phone', async ({ page, context }) => {
  const { word } = await makeCorrection(context)
  await signInAs(context, 'curator')
  for (const path of [`/p/demo/feedback?text=${word}`, '/p/demo/models']) {
    await page.goto(path)
    if (path.includes('feedback')) {
      await table(page).getByRole('link').first().click()
      await expect(panel(page)).toBeVisible()
    }
    for (const theme of ['light', 'dark'] as const) await expectAccessible(page, theme)
    await page.setViewportSize({ width: 390, height: 844 })
    await expectNoSideways(page)
    await page.setViewportSize({ width: 1280, height: 800 })
  }
})
