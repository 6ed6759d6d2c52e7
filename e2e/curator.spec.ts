import type { QueueView } from '@/contract/v1/review'
import { expect, expectAccessible, expectNoSideways, signInAs, test } from './fixtures'

const origin = process.env.BASE_URL

test('a curator builds a mix, assigns, replies to a question, sends back, and undoes that', async ({
  page,
  context,
  browser,
}) => {
  await signInAs(context, 'curator')
  const name = `Curated ${Date.now()}`
  await page.goto('/p/demo/queues/new')
  const form = page.getByRole('form', { name: 'New queue' })
  await form.getByLabel('Select by').first().selectOption('mix')
  await form.getByLabel('Select by').nth(1).selectOption('random')
  await form.getByLabel('Chance of each item, %').first().fill('100')
  await form.getByLabel('Most items a filling').fill('0')
  await expect(form.getByText('From 1 to 5000.')).toBeVisible()
  await form.getByLabel('Most items a filling').fill('4')
  await expect(form.getByRole('status')).toContainText('4 of')
  await expect(form.getByRole('list', { name: 'By part' }).getByRole('listitem')).toHaveCount(2)
  for (const theme of ['light', 'dark'] as const) await expectAccessible(page, theme)
  await form.getByLabel('Name').fill(name)
  await form.getByRole('button', { name: 'Make the queue' }).click()
  await expect(page.getByRole('heading', { level: 1, name })).toBeVisible()
  const items = page.getByRole('list', { name: 'Open items' }).getByRole('listitem')
  await expect(items).toHaveCount(4)

  const assignee = page.getByLabel('Assign to')
  const annotator = 'Tunde Okafor'
  await assignee.selectOption({ label: annotator })
  await page.keyboard.press('Escape')
  await page.getByRole('heading', { name: 'Items', exact: true }).click()
  await page.keyboard.press('j')
  await page.keyboard.press('Space')
  await page.keyboard.press('k')
  await page.keyboard.press('Space')
  await page.getByRole('button', { name: 'Assign', exact: true }).click()
  await expect(page.getByText(`2 items assigned to ${annotator}.`)).toBeVisible()
  await expect(items.filter({ hasText: 'assigned to' })).toHaveCount(2)

  const id = page.url().match(/queues\/([0-9a-f-]{36})/)?.[1] ?? ''
  const theirs = await browser.newContext()
  await signInAs(theirs, 'annotator')
  const queues = `${origin}/api/v1/projects/demo/queues/${id}`
  const headers = { origin: origin ?? '' }
  const claimed = await theirs.request.post(`${queues}/claim`, {
    data: { sessionId: crypto.randomUUID(), count: 2 },
    headers,
  })
  const { held } = await claimed.json()
  const { v7 } = await import('uuid')
  const done = await theirs.request.post(`${queues}/events`, {
    data: {
      events: [
        {
          id: v7(),
          assignmentId: held[0].assignmentId,
          token: held[0].token,
          type: 'submitted',
          verdicts: held[0].candidates.map((c: { id: string }) => ({ candidateId: c.id, verdict: 'good' })),
          texts: held[0].candidates.length > 0 ? [] : [{ text: 'Yes.' }],
        },
        {
          id: v7(),
          assignmentId: held[1].assignmentId,
          token: held[1].token,
          type: 'asked',
          comment: 'Is a joke all right here?',
        },
      ],
    },
    headers,
  })
  expect((await done.json()).events.map((e: { status: string }) => e.status)).toEqual(['stored', 'stored'])
  await theirs.close()

  await page.goto(`/p/demo/queues/${id}/manage?list=parked`)
  await expect(page.getByText('Is a joke all right here?')).toBeVisible()
  for (const theme of ['light', 'dark'] as const) await expectAccessible(page, theme)
  await page.getByLabel(/^Reply to p-/).fill('A mild one.')
  await page.getByRole('button', { name: 'Reply' }).click()
  await expect(page.getByText('No question waits for you.')).toBeVisible()

  const rules = page.getByRole('region', { name: 'Rules and people' })
  await expect(rules).toContainText('everyone who reviews')
  await rules.getByRole('button', { name: 'Change' }).click()
  await rules.getByLabel('Lease, minutes').fill('7')
  await rules.getByRole('button', { name: 'Save settings' }).click()
  await expect(rules).toContainText('after 7 minutes')
  await page.getByRole('button', { name: /^Undo/ }).click()
  await expect(rules).not.toContainText('after 7 minutes')
  await page.getByRole('button', { name: /^Redo/ }).click()
  await expect(rules).toContainText('after 7 minutes')

  await page.getByRole('link', { name: 'Finished' }).click()
  const finished = page.getByRole('list', { name: 'Finished items' }).getByRole('listitem').first()
  await expect(finished).toContainText('by majority')
  await finished.getByRole('button').click()
  await expect(finished.getByRole('link', { name: 'Open in feedback' })).toBeVisible()
  await expect(finished).toContainText(/p-[a-z0-9]+/)
  for (const theme of ['light', 'dark'] as const) await expectAccessible(page, theme)
  await page
    .getByRole('checkbox', { name: /^Choose / })
    .first()
    .check()
  await page.getByLabel('Note for those who judge again').fill('Look at the tone.')
  await page.getByRole('button', { name: 'Send back' }).click()
  await expect(page.getByText('Nothing is finished yet.')).toBeVisible()
  await page.getByRole('button', { name: /^Undo/ }).click()
  // Its own rows alone: the item may still be open, with lists inside.
  await expect(page.getByRole('list', { name: 'Finished items' }).locator('> li')).toHaveCount(1)
  await page.getByRole('button', { name: /^Redo/ }).click()
  await expect(page.getByText('Nothing is finished yet.')).toBeVisible()
  await page.getByRole('button', { name: /^Undo/ }).click()
  await expect(page.getByRole('list', { name: 'Finished items' }).locator('> li')).toHaveCount(1)
  const queue = (await (await context.request.get(queues)).json()) as QueueView
  expect(queue).toMatchObject({ items: 4, resolved: 1, parked: 0 })
  await page.setViewportSize({ width: 390, height: 844 })
  await expectNoSideways(page)
})
