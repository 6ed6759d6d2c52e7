import { randomUUID } from 'node:crypto'
import type { RegisterModelAnswer, RegisterVersionAnswer } from '@/contract/v1/models'
import { send } from './corrections'
import { agree, expect, expectAccessible, expectNoSideways, signInAs, test } from './fixtures'

test('a version is tried on some people, put live and rolled back, each previewed and undone', async ({
  page,
  context,
}) => {
  await signInAs(context, 'owner')
  await agree(context)
  const name = `Own ${randomUUID().slice(0, 8)}`
  const model = await send<RegisterModelAnswer>(context, '/models', { name, kind: 'push' })
  await send<RegisterVersionAnswer>(context, `/models/${model.id}/versions`, {
    version: '7.3',
    card: { summary: 'Shorter replies.' },
  })
  await page.goto('/p/demo/models')
  const card = page.getByRole('region', { name: `${name} 7.3`, exact: true })
  const serving = page.getByRole('region', { name: 'Serving now' })

  await card.getByRole('button', { name: 'Try on some people' }).click()
  const question = card.getByRole('group', { name: `Try ${name} 7.3 on some people?` })
  await expect(question).toContainText('always the same ones')
  await question.getByRole('button', { name: `Try ${name} 7.3` }).click()
  await expect(serving).toContainText(`${name} 7.3 answers`)
  await expect(card).toContainText('Canary')
  for (const theme of ['light', 'dark'] as const) await expectAccessible(page, theme)
  await expectNoSideways(page)

  await page.getByRole('heading', { name: 'Models', level: 1 }).click()
  await page.keyboard.press('b')
  const back = serving.getByRole('group', { name: `End the trial of ${name} 7.3` })
  await expect(back).toContainText('It can be undone.')
  await back.getByRole('button', { name: 'End the trial' }).click()
  await expect(card).toContainText('Candidate')

  await card.getByRole('button', { name: 'Put live' }).click()
  await card.getByRole('button', { name: `Put ${name} 7.3 live` }).click()
  await expect(serving).toContainText(`${name} 7.3 answers everyone.`)
  await serving.getByRole('button', { name: /^Roll back to/ }).click()
  await serving.getByRole('button', { name: /^Roll back to/ }).click()
  await expect(card).toContainText('Retired')
})
