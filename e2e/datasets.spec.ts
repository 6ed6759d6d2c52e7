import { createHash, randomUUID } from 'node:crypto'
import type { Page } from '@playwright/test'
import { parquetReadObjects } from 'hyparquet'
import { api, correct, origin, send } from './corrections'
import { agree, expect, expectAccessible, expectNoSideways, signInAs, test } from './fixtures'

async function download(page: Page, format: string) {
  await page.getByRole('heading', { level: 1 }).click()
  await page.keyboard.press('d')
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: new RegExp(`^${format}`) }).click(),
  ])
  await page.keyboard.press('Escape')
  return {
    name: file.suggestedFilename(),
    bytes: Buffer.concat((await (await file.createReadStream()).toArray()) as Buffer[]),
  }
}

async function freeze(page: Page, number: number) {
  await page.getByRole('button', { name: 'Freeze a version' }).click()
  await expect(page.getByText(`Version ${number} is frozen`).first()).toBeVisible({ timeout: 30_000 })
  await expect(page).toHaveURL(new RegExp(`v=${number}$`))
  await expect(page.getByText(/^Frozen \d/)).toBeVisible()
}

test('a filter becomes a dataset, a frozen version, a file that can be checked, and a comparison', async ({
  page,
  context,
}) => {
  const word = `wombat${randomUUID().slice(0, 8)}`
  const one = await correct(context, `About ${word}, 1`, () => 'On Thursday at three, then.')
  await correct(context, `About ${word}, 2`, () => 'I would rather write.')
  await signInAs(context, 'curator')
  await agree(context)
  await page.goto(`/p/demo/feedback?text=${word}&state=corrected`)
  await page.getByRole('link', { name: 'Add to a dataset' }).click()
  const form = page.getByRole('form', { name: 'New dataset' })
  await expect(form.getByLabel('Words in it')).toHaveValue(word)
  await expect(form.getByRole('checkbox', { name: 'Accepted' })).not.toBeChecked()
  await expect(form.getByRole('region', { name: 'What it would hold' })).toContainText('2 rows in 2 groups')
  await form.getByRole('textbox', { name: 'Train', exact: true }).fill('90')
  await expect(form.getByText('They must sum to 100.')).toBeVisible()
  await form.getByRole('textbox', { name: 'Validation', exact: true }).fill('10')
  await form.getByRole('textbox', { name: 'Test', exact: true }).fill('0')
  await expect(form.getByText('They must sum to 100.')).toHaveCount(0)
  await form.getByRole('textbox', { name: 'Name' }).fill(`Kept ${word}`)
  await form.getByRole('button', { name: 'Save dataset' }).click()
  await expect(page).toHaveURL(new RegExp(`/datasets/kept-${word}$`))
  await expect(page.getByText('Nothing is frozen yet.')).toBeVisible()

  await freeze(page, 1)
  const version = await (await context.request.get(`${api}/datasets/kept-${word}/versions/1`)).json()
  expect(version).toMatchObject({ state: 'frozen', rows: 2, states: { corrected: 2 } })
  await expect(page.getByLabel('SHA-256 of the JSON Lines')).toHaveValue(version.contentSha256)
  const jsonl = await download(page, 'JSON Lines')
  expect(jsonl.name).toBe(`kept-${word}-v1.jsonl`)
  expect(createHash('sha256').update(jsonl.bytes).digest('hex')).toBe(version.contentSha256)
  const parquet = await download(page, 'Parquet')
  const { buffer, byteOffset, length } = parquet.bytes
  const rows = await parquetReadObjects({
    file: buffer.slice(byteOffset, byteOffset + length) as ArrayBuffer,
  })
  expect(rows.map(row => row.value)).toEqual(['On Thursday at three, then.', 'I would rather write.'])
  expect((await download(page, 'CSV')).bytes.toString()).toContain(`About ${word}`)
  const notebook = JSON.parse((await download(page, 'Notebook')).bytes.toString())
  expect(JSON.stringify(notebook.cells)).toContain(`/datasets/kept-${word}/versions/1/export`)

  await one.again('On Friday at three, then.')
  await signInAs(context, 'curator')
  await page.reload()
  await expect(page.getByText('taken back or replaced since').first()).toBeVisible()
  await freeze(page, 2)
  const changes = page.getByRole('region', { name: 'Since v1' })
  await expect(changes).toContainText('~1 decided anew')
  await expect(changes.locator('del')).toHaveText('Thursday')
  await expect(changes.locator('ins')).toHaveText('Friday')
  await changes.getByText('By split and slice').click()
  await expect(changes.getByRole('table', { name: 'Changes by split' })).toContainText('~1')
  await changes.getByRole('link', { name: /decided anew/ }).click()
  await expect(page).toHaveURL(/kind=changed/)
  await changes.getByRole('link', { name: 'Back to all kinds' }).click()
  await expect(page).not.toHaveURL(/kind=/)

  await expect(page.getByRole('list', { name: 'Came from' })).toContainText('2 decisions by 1 person')
  await page.getByRole('link', { name: 'Row 1: where it came from' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Row 1' })).toBeVisible()
  await expect(page.getByRole('region', { name: 'What was said of it, in order' })).toContainText('corrected')
  await expect(page.getByRole('region', { name: 'Its item' })).toContainText(`About ${word}`)
  await page.goBack()

  await page.getByRole('heading', { level: 1, name: `Kept ${word}` }).click()
  await page.keyboard.press('c')
  await expect(page.getByLabel('Compare with')).toBeFocused()
  await page.getByRole('heading', { level: 1 }).click()
  await page.keyboard.press('[')
  await expect(page).toHaveURL(/v=1$/)
  await expect(page.getByRole('link', { name: /^v1, overtaken/ })).toHaveAttribute('aria-current', 'page')

  await page.getByRole('button', { name: 'curl' }).click()
  await page.getByRole('button', { name: 'JSON Lines', exact: true }).click()
  await expect(page.getByRole('region', { name: 'With curl' })).toContainText(
    `/datasets/kept-${word}/versions/1/export?format=jsonl`,
  )

  await page.goto(`/p/demo/datasets/kept-${word}`)
  await page.getByRole('button', { name: 'Withdraw v2' }).click()
  await page.getByRole('button', { name: 'Withdraw it' }).click()
  await expect(page.getByText('Withdrawn. The file is unchanged')).toBeVisible()
  await page.getByRole('button', { name: 'Archive' }).click()
  await expect(page.getByRole('button', { name: 'Bring back' })).toBeVisible()
  await page.getByRole('button', { name: 'Undo' }).click()
  await expect(page.getByRole('button', { name: 'Archive' })).toBeVisible()
})

test('where nothing fits, freezing says so, and the page still says so afterwards', async ({
  page,
  context,
}) => {
  await signInAs(context, 'curator')
  const name = `Nothing ${randomUUID().slice(0, 8)}`
  await send(context, '/datasets', {
    name,
    selection: { text: randomUUID() },
    consumers: [{ name: 'Team', purpose: 'other' }],
  })
  await page.goto('/p/demo/datasets')
  await page.getByRole('link', { name }).click()
  await page.getByRole('button', { name: 'Freeze a version' }).click()
  const why = page.getByText('Nothing fits this dataset now, so there is nothing to freeze.')
  await expect(why).toBeVisible({ timeout: 30_000 })
  await page.reload()
  await expect(why).toBeVisible()
  for (const theme of ['light', 'dark'] as const) await expectAccessible(page, theme)
})

test('a viewer reads versions and downloads none', async ({ page, context }) => {
  await signInAs(context, 'viewer')
  await page.goto('/p/demo/datasets')
  await expect(page.getByRole('link', { name: 'New dataset' })).toHaveCount(0)
  await page.getByRole('link', { name: 'Replies people kept' }).click()
  await expect(page.getByRole('table', { name: 'Rows of this version' })).toBeVisible()
  await expect(page.getByRole('button', { name: /Download|Freeze|Withdraw|Archive/ })).toHaveCount(0)
  const path = `${api}/datasets/replies-people-kept/versions/1/export`
  expect((await context.request.get(path)).status()).toBe(403)
})

test('the pages are accessible in both themes and fit a phone', async ({ page, context }) => {
  await signInAs(context, 'curator')
  for (const path of [
    '/p/demo/datasets',
    '/p/demo/datasets?make=1',
    '/p/demo/datasets/replies-people-kept',
  ]) {
    await page.goto(path)
    if (path.includes('make')) await expect(page.getByText(/in \d+ groups? now/)).toBeVisible()
    for (const theme of ['light', 'dark'] as const) await expectAccessible(page, theme)
    await page.setViewportSize({ width: 390, height: 844 })
    await expectNoSideways(page)
    await expectAccessible(page, 'light')
    await page.setViewportSize({ width: 1280, height: 800 })
  }
})

test('a version that its checks hold back is read, waived by an owner with a reason, and goes on', async ({
  page,
  context,
}) => {
  const word = `numbat${randomUUID().slice(0, 8)}`
  await correct(context, `About ${word}`, () => 'Maybe.')
  await signInAs(context, 'owner')
  const made = await context.request.post(`${api}/datasets`, {
    data: {
      name: `Held ${word}`,
      selection: { text: word },
      rules: { expectations: [{ kind: 'length', field: 'value', from: 20 }] },
      consumers: [{ name: 'Reply training', purpose: 'training' }],
    },
    headers: { origin },
  })
  expect(made.status()).toBe(201)
  await page.goto(`/p/demo/datasets/held-${word}`)
  await page.getByRole('button', { name: 'Freeze a version' }).click()
  const held = page.getByRole('region', { name: 'Version 1 waits for its checks' })
  await expect(held.getByText('Expectations', { exact: true })).toBeVisible()
  await expect(held.getByRole('button', { name: 'Go on' })).toHaveAttribute('aria-disabled', 'true')
  for (const theme of ['light', 'dark'] as const) await expectAccessible(page, theme)
  const expectations = held.getByRole('listitem').filter({ hasText: 'Expectations' })
  await expectations.getByText('1 finding').click()
  await expect(expectations.getByText('Maybe.')).toBeVisible()
  await held
    .getByRole('textbox', { name: 'Why expectations may pass' })
    .fill('Short answers are wanted here.')
  await held.getByRole('button', { name: 'Waive' }).click()
  await expect(held.getByText('Short answers are wanted here.')).toBeVisible()
  await page.getByRole('button', { name: 'Undo' }).click()
  await expect(held.getByRole('textbox', { name: 'Why expectations may pass' })).toBeVisible()
  await held.getByRole('textbox', { name: 'Why expectations may pass' }).fill('Short answers are wanted.')
  await held.getByRole('button', { name: 'Waive' }).click()
  await expect(held.getByText('Short answers are wanted.')).toBeVisible()
  await held.getByRole('button', { name: 'Go on' }).click()
  await expect(page.getByRole('region', { name: 'Checks', exact: true })).toContainText(
    'Short answers are wanted.',
    {
      timeout: 20_000,
    },
  )

  await page.getByText('Write on it').click()
  await page.getByRole('textbox', { name: 'Not for' }).fill('Judging people.')
  await page.getByRole('button', { name: 'Save the card' }).click()
  await expect(page.getByText('The card is written.')).toBeVisible()
  const card = await (
    await context.request.get(`${api}/datasets/held-${word}/versions/1/card?format=md`)
  ).text()
  expect(card).toContain('Judging people.')
})
