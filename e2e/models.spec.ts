import { randomUUID } from 'node:crypto'
import type { BrowserContext, Page } from '@playwright/test'
import type { Evaluation } from '@/contract/v1/evaluations'
import type { ModelList, RegisterModelAnswer, RegisterVersionAnswer } from '@/contract/v1/models'
import { api, send } from './corrections'
import { expect, expectAccessible, expectNoSideways, signInAs, test } from './fixtures'

const fetchAs = async <T>(context: BrowserContext, path: string): Promise<T> =>
  (await context.request.get(`${api}${path}`)).json()

/** Both themes, then narrow: nothing that axe sees, nothing wider than the window. */
const axeAndWidths = async (page: Page) => {
  for (const theme of ['light', 'dark'] as const) await expectAccessible(page, theme)
  for (const width of [390, 320]) {
    await page.setViewportSize({ width, height: 844 })
    await expectNoSideways(page)
    await expectAccessible(page, 'light')
  }
  await page.setViewportSize({ width: 1280, height: 800 })
}

test('a version is measured from its page, read row by row and held against another', async ({
  page,
  context,
}) => {
  test.slow()
  await signInAs(context, 'curator')
  const { models } = await fetchAs<ModelList>(context, '/models')
  const live = models.flatMap(model => model.versions).find(version => version.stage === 'live')
  expect(live, 'the demo has a live version').toBeDefined()
  const name = `Silent ${randomUUID().slice(0, 8)}`
  const model = await send<RegisterModelAnswer>(context, '/models', { name, kind: 'push' })
  const other = await send<RegisterVersionAnswer>(context, `/models/${model.id}/versions`, {
    version: '1',
    card: { summary: 'Proposes nothing.' },
  })

  const kept = `Kept ${randomUUID().slice(0, 8)}`
  await send(context, '/views', { name: kept, kind: 'slice', query: { state: 'accepted' } })

  for (const id of [live?.id, other.id]) {
    await page.goto(`/p/demo/models/${id}`)
    // The second one's pages are the same, but for their numbers.
    if (id === live?.id) await axeAndWidths(page)
    const form = page.getByRole('form', { name: 'Evaluate this version' })
    // Rows of messages long and short, so that there are slices to go through.
    await form.getByLabel('On', { exact: true }).selectOption('replies-people-kept@2')
    await form.getByLabel('Rows', { exact: true }).selectOption('all')
    await form.getByRole('button', { name: 'Evaluate' }).click()
    // A refusal would stand here, in its own words, instead of a wait that ends without a reason.
    await expect(page).toHaveURL(/\/models\/evaluations\//, { timeout: 30_000 })
    await expect(page.getByRole('heading', { name: 'Row by row' })).toBeVisible({ timeout: 90_000 })
    if (id === live?.id) await axeAndWidths(page)
  }
  // A slice leads to its rows, by the keyboard alone.
  await page.getByRole('heading', { level: 1 }).click()
  await page.keyboard.press('j')
  await expect(page.locator('a[data-slice]').first()).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(/slice=/)
  await expect(page.locator('a[data-slice][aria-current]')).toHaveCount(1)
  await page.getByRole('link', { name: 'All slices' }).click()
  await expect(page).not.toHaveURL(/slice=/)
  // So does a slice that somebody saved among the feedback.
  const saved = page.getByRole('link', { name: `saved slice: ${kept}` })
  await saved.focus()
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(/slice=saved/)
  await expect(page.getByText(`in ${kept}`).first()).toBeVisible()
  await page.getByRole('link', { name: 'All slices' }).click()
  await expect(page).not.toHaveURL(/slice=/)
  // The second proposed nothing, and every row of it says so.
  await page.getByRole('navigation', { name: 'Which rows' }).getByRole('link', { name: 'silent' }).click()
  await expect(page).toHaveURL(/only=silent/)
  await expect(page.getByText('Proposed nothing.').first()).toBeVisible()
  await expect(page.getByText('✓ right')).toHaveCount(0)

  const { evaluations } = await fetchAs<{ evaluations: Evaluation[] }>(context, '/evaluations?limit=20')
  const own = evaluations.find(one => one.model.versionId === other.id)
  const first = evaluations.find(
    one => one.model.versionId === live?.id && one.inputsHash === own?.inputsHash,
  )
  expect(first, 'measured on the same inputs').toBeDefined()
  await page.goto(`/p/demo/models/compare?ids=${first?.id},${own?.id}`)
  await expect(page.getByRole('heading', { name: 'What turned over' })).toBeVisible()
  await axeAndWidths(page)
  await page
    .getByRole('navigation', { name: 'Which rows' })
    .getByRole('link', { name: /wrong before, right now \(0\)/ })
    .click()
  await expect(page.getByText('No such row.')).toBeVisible()
  await page.goto('/p/demo/models/compare')
  await axeAndWidths(page)
})

test('a model over HTTP is tried and registered from the page; what is wrong is said exactly', async ({
  page,
  context,
}) => {
  await signInAs(context, 'curator')
  const name = `Elsewhere ${randomUUID().slice(0, 8)}`
  await page.goto('/p/demo/models')
  await page.getByRole('button', { name: 'Connect a model over HTTP' }).click()
  const form = page.getByRole('form', { name: 'Connect a model over HTTP' })
  await form.getByLabel('Name').fill(name)
  await form.getByLabel('What it is').fill('Runs elsewhere.')
  await form.getByLabel('Address').fill('ftp://models.example')
  await form.getByRole('button', { name: 'Try it' }).click()
  await expect(form.getByLabel('Address')).toHaveAttribute('aria-invalid', 'true')
  await form.getByLabel('Address').fill('http://127.0.0.1:9/predict')
  await form.getByRole('button', { name: 'Try it' }).click()
  await expect(form.getByText('The address leads into a private network.')).toBeVisible()
  await axeAndWidths(page)
  await form.getByRole('button', { name: 'Register as a candidate' }).click()
  await expect(page.getByRole('region', { name: `${name} 1` })).toContainText('Candidate')
  await expect(form).toBeHidden()
})

test('an MLflow server is connected and left again; what stands in the way of an import is said in one sentence', async ({
  page,
  context,
}) => {
  await signInAs(context, 'owner')
  await page.goto('/p/demo/models')
  await page.getByRole('button', { name: 'Connect an MLflow server' }).click()
  const connection = page.getByRole('form', { name: 'MLflow server' })
  await connection.getByLabel('Address').fill('mlflow.example')
  await connection.getByRole('button', { name: 'Connect' }).click()
  await expect(connection.getByLabel('Address')).toHaveAttribute('aria-invalid', 'true')
  await connection.getByLabel('Address').fill('http://127.0.0.1:9')
  await connection.getByLabel('Token’s variable').fill('AUTH_SECRET')
  await connection.getByRole('button', { name: 'Connect' }).click()
  await expect(connection.getByLabel('Token’s variable')).toHaveAttribute('aria-invalid', 'true')
  await axeAndWidths(page)
  await connection.getByLabel('Token’s variable').fill('AMEND_MLFLOW_TOKEN_OF_NOBODY')
  await connection.getByRole('button', { name: 'Connect' }).click()
  await expect(connection).toBeHidden()

  const bring = async (said: string) => {
    await page.getByRole('button', { name: 'Import from MLflow' }).click()
    const form = page.getByRole('form', { name: 'Import from MLflow' })
    await form.getByLabel('Registered model').fill('replies')
    await form.getByLabel('Version', { exact: true }).fill('3')
    await form.getByRole('button', { name: 'Import as a candidate' }).click()
    await expect(form.getByText(said)).toBeVisible()
    await form.getByRole('button', { name: 'Cancel' }).click()
  }
  await bring('The server has no AMEND_MLFLOW_TOKEN_OF_NOBODY in its environment.')
  await page.getByRole('button', { name: 'MLflow server' }).click()
  await connection.getByLabel('Token’s variable').fill('')
  await connection.getByRole('button', { name: 'Save' }).click()
  await expect(connection).toBeHidden()
  await bring('leads into a private network, which this server does not ask.')

  await page.getByRole('button', { name: 'MLflow server' }).click()
  await connection.getByRole('button', { name: 'Disconnect' }).click()
  await expect(page.getByRole('button', { name: 'Connect an MLflow server' })).toBeVisible()
  await expect(page.getByRole('button', { name: 'Import from MLflow' })).toHaveCount(0)
})
