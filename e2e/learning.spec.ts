import type { Browser, Page } from '@playwright/test'
import type { Role } from '@/domain/permission'
import { agree, expect, expectAccessible, expectNoSideways, signInAs, test } from './fixtures'

const chip = (page: Page, words: string) =>
  page.getByRole('group', { name: /^Suggestion \d/ }).filter({ hasText: words })
const anyChip = (page: Page) => page.getByRole('group', { name: 'Suggestion 1' })

/** A browser of somebody else's. */
async function pageAs(browser: Browser, role: Role, project: string): Promise<Page> {
  const context = await browser.newContext()
  await signInAs(context, role)
  await agree(context, project)
  const page = await context.newPage()
  return page
}

/** Pastes a message, of its own group, and waits for what the model says of it. */
async function paste(page: Page, text: string, from: string): Promise<void> {
  await page.goto('/p/demo/inbox')
  await page.getByRole('button', { name: 'Paste a message' }).click()
  await page.getByRole('textbox', { name: 'Message you received' }).fill(text)
  await page.getByRole('textbox', { name: 'From' }).fill(from)
  await page.getByRole('button', { name: 'Get suggestions' }).click()
  await expect(anyChip(page)).toBeVisible()
}

test('what I taught is suggested to me at once, to others once a curator shared it, and undo takes it from both', async ({
  browser,
  page,
  context,
}) => {
  // Three people, one after another: on a busy machine longer than other journeys.
  test.slow()
  const taught = 'They are in the shared folder, under workshop. Tell me if you miss one.'
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  await signInAs(context, 'contributor')
  await agree(context)
  await paste(page, 'Hi Jo, can you send me the slides from the workshop on Tuesday?', 'Robin Hale')
  await page.getByRole('textbox', { name: 'Your reply' }).fill(taught)
  await page.getByRole('button', { name: 'Copy reply' }).click()
  await expect(page.getByRole('article', { name: 'Your reply' })).toContainText('Nothing was sent from here.')

  await test.step('a message like it, from somebody else, shows the learned answer first', async () => {
    await paste(page, 'Hello, could you send me the slides from the workshop?', 'Alex Moor')
    const line = page.getByText(/Learned from your correction of \d+ [A-Z][a-z]+/)
    await expect(chip(page, taught)).toBeVisible()
    await expect(anyChip(page)).toContainText(taught)
    await expect(line).toBeVisible()
    for (const theme of ['light', 'dark'] as const) await expectAccessible(page, theme)
    await page.getByRole('button', { name: 'Why these?' }).click()
    await expect(page.getByRole('region', { name: 'Why these suggestions' })).toContainText(
      'You wrote this for',
    )
    await page.keyboard.press('Escape')
  })
  await test.step('one about something else does not', async () => {
    await paste(page, 'Do you want to join us for a swim on Saturday?', 'Kim Lee')
    await expect(chip(page, taught)).toHaveCount(0)
  })

  const other = await pageAs(browser, 'owner', 'demo')
  const likeIt = 'Could you send me the slides from the workshop please?'
  await test.step('another person does not see it', async () => {
    await paste(other, likeIt, 'Sandy Bell')
    await expect(chip(other, taught)).toHaveCount(0)
  })

  const curator = await pageAs(browser, 'curator', 'demo')
  await test.step('a curator reads it without names and shares it', async () => {
    await curator.goto('/p/demo/learned')
    const row = curator.getByRole('listitem').filter({ has: curator.getByText(taught) })
    await expect(row.getByRole('textbox', { name: 'Suggest it for messages like' })).toHaveValue(
      /^Hi \[name\], can you/,
    )
    for (const theme of ['light', 'dark'] as const) await expectAccessible(curator, theme)
    await curator.setViewportSize({ width: 390, height: 844 })
    await expectAccessible(curator, 'light')
    await expectNoSideways(curator)
    await curator.setViewportSize({ width: 1280, height: 800 })
    await row.getByRole('button', { name: 'Share with everybody' }).click()
    await expect(curator.getByText('Shared. It is suggested to everybody from now on.').first()).toBeVisible()
  })
  await test.step('then the other person sees it', async () => {
    await paste(other, `${likeIt} Thanks!`, 'Sandy Bell')
    await expect(anyChip(other)).toContainText(taught)
    await expect(other.getByText('Shared in this project')).toBeVisible()
  })
  await test.step('undone where it is shown, after saying what rests on it, it is gone for both', async () => {
    await paste(page, 'Hello, could you send me the slides from the workshop again?', 'Alex Moor')
    const offer = page.getByText(/Learned from your correction/).locator('..')
    await offer.getByRole('button', { name: 'Undo' }).click()
    const question = page.getByRole('group', { name: 'What rests on it' })
    await expect(question).toContainText('It is suggested to others.')
    await expect(question).toContainText(/It was suggested again (once|\d+ times)\./)
    await question.getByRole('button', { name: 'Undo anyway' }).click()
    await expect(chip(page, taught)).toHaveCount(0)
    await expect
      .poll(async () => {
        const answer = await curator.request.get('/api/v1/projects/demo/shared-examples')
        return (await answer.json()).examples.map(
          (e: { withdrawnReason: string | null }) => e.withdrawnReason,
        )
      })
      .toContain('undone')
    await paste(page, 'Could you send me the slides from the workshop?', 'Alex Moor')
    await expect(chip(page, taught)).toHaveCount(0)
    await paste(other, `Hi, ${likeIt}`, 'Sandy Bell')
    await expect(chip(other, taught)).toHaveCount(0)
  })
  await other.context().close()
  await curator.context().close()
})

test('a corrected caption is suggested under a photo like it, at once, until it is undone', async ({
  page,
  context,
}) => {
  const card = (title: string) =>
    page.getByRole('listitem').filter({ has: page.getByRole('img', { name: title, exact: true }) })
  await signInAs(context, 'curator')
  await agree(context, 'album')
  const [meadow, trail] = ['Meadow below the mountain', 'Trail to the pass'] as const
  await page.goto('/p/album/album')
  await expect(card(trail)).toContainText('six sheep', { timeout: 15_000 })
  await expect(card(meadow)).toContainText('The model recognised nothing in it.', { timeout: 15_000 })
  await card(meadow).getByRole('button', { name: 'Write one' }).click()
  await page.getByRole('textbox', { name: `Caption of ${meadow}` }).fill('A meadow below the mountains.')
  await page.getByRole('button', { name: 'Save caption' }).click()
  await expect(card(trail)).toContainText('A meadow below the mountains.')
  await expect(card(trail)).toContainText('Learned from your correction of')
  await expect(card('Brushes')).not.toContainText('A meadow below')
  for (const theme of ['light', 'dark'] as const) await expectAccessible(page, theme)
  await card(trail)
    .getByText(/Learned from your/)
    .locator('..')
    .getByRole('button', { name: 'Undo' })
    .click()
  await page.getByRole('button', { name: 'Undo anyway' }).click()
  await expect(card(trail)).toContainText('six sheep')
  await expect(card(trail)).not.toContainText('A meadow below')
})

test('a curator trains a version from what is shared; an owner puts it live and takes it back', async ({
  browser,
}) => {
  const teacher = await pageAs(browser, 'contributor', 'demo')
  await teacher.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  await paste(teacher, 'What is the door code for the bike shed?', 'Robin Hale')
  await teacher
    .getByRole('textbox', { name: 'Your reply' })
    .fill('It hangs in the kitchen, next to the window.')
  await teacher.getByRole('button', { name: 'Copy reply' }).click()
  await expect(teacher.getByRole('article', { name: 'Your reply' })).toContainText(
    'Nothing was sent from here.',
  )
  const owner = await pageAs(browser, 'owner', 'demo')
  await owner.goto('/p/demo/learned')
  await owner
    .getByRole('listitem')
    .filter({ has: owner.getByText('It hangs in the kitchen') })
    .getByRole('button', { name: 'Share with everybody' })
    .click()
  await expect(owner.getByText('Shared. It is suggested to everybody').first()).toBeVisible()
  await owner.goto('/p/demo/models')
  const before = await owner.getByText('Candidate', { exact: true }).count()
  await owner.getByRole('button', { name: 'Train a new version' }).click()
  await expect(owner.getByText('Candidate', { exact: true })).toHaveCount(before + 1, { timeout: 30_000 })
  // Of this model's own versions: others may have candidates too.
  const version = owner
    .getByRole('region', { name: /^Smart reply by example \S+\+\d+$/ })
    .filter({ has: owner.getByText('Candidate', { exact: true }) })
    .last()
  await version.locator('summary').click()
  await expect(version).toContainText('Quality: not measured yet.')
  await expect(version.getByRole('link', { name: /^\d+ training rows?/ })).toBeVisible()
  await version.getByRole('button', { name: 'Put live' }).click()
  await version.getByRole('button', { name: /^Put .* live$/ }).click()
  await expect(owner.getByText(/is live\.$/).first()).toBeVisible()
  await owner.getByRole('button', { name: /^Undo/ }).last().click()
  await expect(owner.getByText('Undone. The stages are as they were.').first()).toBeVisible()
  for (const theme of ['light', 'dark'] as const) await expectAccessible(owner, theme)
  await teacher.context().close()
  await owner.context().close()
})
