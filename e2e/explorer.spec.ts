import { randomUUID } from 'node:crypto'
import type { BrowserContext, Page } from '@playwright/test'
import type { SavedViewList } from '@/contract/v1/explore'
import type { FeedbackPage } from '@/contract/v1/feedback'
import { api, correct, origin } from './corrections'
import { agree, expect, expectAccessible, expectNoSideways, signInAs, test, withDatabase } from './fixtures'

const table = (page: Page) => page.getByRole('table', { name: 'Feedback, newest first' })
const rows = (page: Page) => table(page).locator('a[data-row]')
const bar = (page: Page) => page.getByRole('region', { name: 'Selected rows' })
const rail = (page: Page) => page.getByRole('navigation', { name: 'Slices and views' }).first()

/** Corrections of one contributor that share a word which is nowhere else. */
async function makeCorrections(context: BrowserContext, count: number): Promise<string> {
  const word = `numbat${randomUUID().slice(0, 8)}`
  for (let at = 0; at < count; at++)
    await correct(context, `About ${word} ${at}`, suggested => `${suggested.replace(/[.!?]$/, '')}, ${word}.`)
  return word
}

async function found(context: BrowserContext, query: string): Promise<FeedbackPage['rows']> {
  const answer = await context.request.get(`${api}/feedback?${query}`)
  return ((await answer.json()) as FeedbackPage).rows
}

test('rows are selected by keyboard, all that match are tagged after a preview, and one undo takes it back', async ({
  page,
  context,
}) => {
  const word = await makeCorrections(context, 2)
  await signInAs(context, 'curator')
  await page.goto(`/p/demo/feedback?text=${word}`)
  await page.keyboard.press('j')
  await expect(rows(page).first()).toBeFocused()
  await page.keyboard.press('Space')
  await expect(bar(page)).toContainText('1 row selected')
  await expect(page.getByRole('checkbox', { name: `Select About ${word} 1` })).toBeChecked()
  await bar(page).getByRole('button', { name: 'Select all that match' }).click()
  await expect(bar(page)).toContainText('All that match')
  await page.keyboard.press('d')
  const tag = `t-${word}`
  await bar(page).getByRole('combobox', { name: 'Tag' }).fill(tag)
  await page.keyboard.press('Enter')
  await expect(bar(page)).toContainText('2 rows are about 2 items.')
  await expect(bar(page)).toContainText('2 will change.')
  await bar(page).getByRole('button', { name: 'Tag 2 items' }).click()
  await expect(page.getByText(`Tagged 2 items “${tag}”.`)).toBeVisible()
  expect(await found(context, `tag=${tag}`)).toHaveLength(2)
  await page.getByRole('button', { name: 'Undo' }).click()
  await expect(page.getByText('Undone. Every item is as it was.')).toBeVisible()
  expect(await found(context, `tag=${tag}`)).toHaveLength(0)

  await page.goto('/p/demo/history')
  await expect(page.getByText(`Tagged 2 items “${tag}”`)).toBeVisible()
})

test('what is kept out of datasets says so and is let in again', async ({ page, context }) => {
  const word = await makeCorrections(context, 1)
  await signInAs(context, 'curator')
  await page.goto(`/p/demo/feedback?text=${word}`)
  await page.getByRole('checkbox', { name: `Select About ${word} 0` }).click()
  await bar(page).getByRole('button', { name: 'Keep out of datasets' }).click()
  await bar(page).getByRole('button', { name: 'Keep 1 item out' }).click()
  await expect(rows(page)).toHaveCount(1)
  await expect(table(page)).toContainText('Out of datasets')
  await page.getByRole('checkbox', { name: `Select About ${word} 0` }).click()
  await bar(page).getByRole('button', { name: 'Keep out of datasets' }).click()
  await expect(bar(page)).toContainText('1 stay as they are: they are kept out of datasets already.')
  await bar(page).getByRole('button', { name: 'Let into datasets' }).click()
  await bar(page).getByRole('button', { name: 'Let 1 item in' }).click()
  await expect(table(page)).not.toContainText('Out of datasets')
})

test('a slice is saved, found by its address, renamed, archived and brought back', async ({
  page,
  context,
}) => {
  const word = await makeCorrections(context, 1)
  await signInAs(context, 'curator')
  await page.goto(`/p/demo/feedback?text=${word}`)
  await page.keyboard.press('g')
  await page.getByRole('textbox', { name: 'Name' }).fill(`Slice ${word}`)
  await page.keyboard.press('Enter')
  await expect(rail(page)).toContainText(`Slice ${word}`)
  await expect(page).toHaveURL(/view=/)

  const { views } = (await (await context.request.get(`${api}/views`)).json()) as SavedViewList
  const id = views.find(view => view.name === `Slice ${word}`)?.id
  await signInAs(context, 'viewer')
  await page.goto(`/p/demo/feedback?view=${id}`)
  await expect(rows(page)).toHaveCount(1)
  await expect(rail(page).getByRole('link', { name: `Slice ${word}` })).toHaveAttribute(
    'aria-current',
    'page',
  )
  await expect(page.getByRole('button', { name: 'Save as slice or view' })).toHaveCount(0)
  await expect(page.getByRole('checkbox', { name: /^Select/ })).toHaveCount(0)

  await signInAs(context, 'curator')
  await page.goto(`/p/demo/feedback?view=${id}`)
  await page.getByRole('button', { name: `Change “Slice ${word}”` }).click()
  await page.getByRole('textbox', { name: 'Name' }).fill(`Renamed ${word}`)
  await page.getByRole('button', { name: 'Rename' }).click()
  await expect(rail(page)).toContainText(`Renamed ${word}`)
  await page.getByRole('button', { name: `Change “Renamed ${word}”` }).click()
  await page.getByRole('button', { name: 'Archive' }).click()
  await expect(rail(page)).not.toContainText(`Renamed ${word}`)
  await page.getByRole('button', { name: 'Undo' }).click()
  await expect(rail(page)).toContainText(`Renamed ${word}`)
})

test('bars filter, columns are chosen, and ready views hold what they say', async ({ page, context }) => {
  const word = await makeCorrections(context, 1)
  await signInAs(context, 'curator')
  await page.goto('/p/demo/feedback?simulated=include')
  const counts = page.getByRole('region', { name: 'Counts' })
  await counts.getByRole('link', { name: /^Accepted/ }).click()
  await expect(page).toHaveURL(/state=accepted/)
  await expect(counts.getByRole('link', { name: /^Accepted/ })).toHaveAttribute('aria-current', 'true')

  await page.getByRole('button', { name: 'Columns' }).click()
  await page.getByRole('checkbox', { name: 'Tags' }).check()
  await expect(table(page).getByRole('columnheader', { name: 'Tags' })).toBeVisible()
  await expect(page).toHaveURL(/columns=/)

  await rail(page).getByRole('link', { name: 'Errors' }).click()
  await expect(page).toHaveURL(/show=errors/)
  await expect(rows(page).first()).toBeVisible()
  expect((await found(context, 'show=errors')).some(row => row.title?.includes(word))).toBe(true)
  expect((await found(context, 'show=unanswered')).some(row => row.title?.includes(word))).toBe(false)
})

test('a long list goes on without end, draws only what is in sight, and is walked by keyboard', async ({
  page,
  context,
}) => {
  const tag = `many-${randomUUID().slice(0, 8)}`
  const made = 230
  await withDatabase(pool =>
    pool.query(
      `WITH p AS (SELECT p.id, (SELECT id FROM actors WHERE project_id = p.id LIMIT 1) AS actor FROM projects p WHERE slug = 'demo'),
       n AS (SELECT p.id AS project, p.actor, uuidv7() AS item, uuidv7() AS content, uuidv7() AS exposure, g
         FROM p, generate_series(1, $2::int) g),
       c AS (INSERT INTO contents (project_id, id, kind, item_id, body, salt) SELECT project, content, 'item', item,
           jsonb_build_object('subject', 'Row ' || g, 'messages', '[]'::jsonb), '\\x01' FROM n),
       i AS (INSERT INTO items (project_id, id, content_id, input_hash, simulated) SELECT project, item, content, 'many', true FROM n),
       e AS (INSERT INTO exposures (project_id, id, body_hash, item_id, input_hash, session_id, actor_id, role, shown, mode, eligible, simulated)
         SELECT project, exposure, 'many', item, 'many', exposure, actor, 'contributor', false, 'augment', true, true FROM n),
       d AS (INSERT INTO decisions (project_id, exposure_id, actor_id, item_id, suggestion_shown, sample, simulated, exposed_at)
         SELECT project, exposure, actor, item, false, false, true, '2020-01-01'::timestamptz - g * interval '1 minute' FROM n)
       INSERT INTO item_tags (project_id, item_id, tag) SELECT project, item, $1 FROM n`,
      [tag, made],
    ),
  )
  await signInAs(context, 'curator')
  await page.goto(`/p/demo/feedback?tag=${tag}&simulated=include`)
  await expect(rows(page)).toHaveCount(50)
  const focusedAt = () =>
    page.evaluate(() => Number(document.activeElement?.closest('tr')?.getAttribute('data-index') ?? -1))
  await expect(async () => {
    await page.keyboard.press('j')
    expect(await focusedAt()).toBeGreaterThan(52)
  }).toPass({ intervals: [0] })
  const reached = await focusedAt()
  await page.keyboard.press('j')
  await expect.poll(focusedAt).toBe(reached + 1)
  await page.keyboard.press('k')
  await expect.poll(focusedAt).toBe(reached)
  await expect(async () => {
    await page.keyboard.press('End')
    await expect(page.getByText(`These are all: ${made} rows.`)).toBeVisible({ timeout: 1000 })
  }).toPass()
  expect(await rows(page).count()).toBeLessThan(100)
  await page.getByRole('checkbox', { name: 'Select all rows that match' }).check()
  await bar(page).getByRole('button', { name: 'Untag' }).click()
  await bar(page).getByRole('combobox', { name: 'Tag' }).fill(tag)
  await bar(page).getByRole('button', { name: 'See what changes' }).click()
  await bar(page)
    .getByRole('button', { name: `Untag ${made} items` })
    .click()
  await expect(page.getByText(`Took “${tag}” off ${made} items.`)).toBeVisible()
  expect(await found(context, `tag=${tag}&simulated=include`)).toHaveLength(0)
})

test('the explorer in use is accessible in both themes and fits a phone', async ({ page, context }) => {
  const word = await makeCorrections(context, 1)
  await signInAs(context, 'curator')
  await agree(context)
  await page.goto(`/p/demo/feedback?text=${word}&simulated=include`)
  await page.getByText('Days, confidence, edit, tags, arm and more').click()
  await page.getByText('The same as tables').click()
  await page.getByRole('button', { name: 'Save as slice or view' }).click()
  await expect(page.getByRole('textbox', { name: 'Name' })).toBeFocused()
  await page.getByRole('checkbox', { name: `Select About ${word} 0` }).click()
  await bar(page).getByRole('button', { name: 'Take personal data out' }).click()
  await expect(bar(page)).toContainText('Annotators and datasets see the items without it')
  for (const theme of ['light', 'dark'] as const) await expectAccessible(page, theme)
  await page.setViewportSize({ width: 390, height: 844 })
  await expectAccessible(page, 'light')
  await expectNoSideways(page)
  await page.setViewportSize({ width: 320, height: 640 })
  await expectNoSideways(page)
})

test('lower roles are refused at the door', async ({ context }) => {
  await signInAs(context, 'annotator')
  const act = { selection: { filter: {} }, act: { kind: 'exclude' } }
  const answer = await context.request.post(`${api}/bulk/preview`, { data: act, headers: { origin } })
  expect(answer.status()).toBe(403)
})
