import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { createTestDatabase, type TestDatabase } from '@/db/test-db'
import { gateRulesSchema } from '@/domain/gates'
import { makeGate } from '@/server/change-gate'
import { decide, freezeNow, makeTestDataset } from '@/test/dataset-fixture'
import { makeTestProject } from '@/test/project-fixture'
import { runCommand } from './amend'

let db: TestDatabase
beforeAll(async () => {
  db = await createTestDatabase()
})
afterAll(() => db.close())

it('ends with 0 for a pass, 1 for a gate that fails, 2 for what is not there or does not fit', async () => {
  const project = await makeTestProject()
  const [curator, person] = [await project.scope('curator'), await project.scope('contributor')]
  for (let at = 0; at < 34; at++)
    await decide(project, person, 'accepted', {
      message: `Which one of the ${at + 3} do you like?`,
      groupId: `talk-${at}`,
    })
  const dataset = await makeTestDataset(curator, {
    rules: { shares: { train: 0, validation: 0, test: 1 }, testRows: 'any' },
  })
  await freezeNow(curator, dataset.slug)
  const owner = await project.scope('owner')
  const gate = (name: string, bound: number) =>
    makeGate(owner, {
      name,
      rules: gateRulesSchema.parse({
        metric: 'recall-3-of-100',
        margin: 1,
        minimumRows: 30,
        noContamination: false,
        floors: [{ metric: 'recall-3-of-100', bound }],
      }),
    })
  const [easy, hard] = [(await gate('Easy', 0)).gate.slug, (await gate('Hard', 2)).gate.slug]

  const said: string[] = []
  for (const stream of [process.stdout, process.stderr])
    vi.spyOn(stream, 'write').mockImplementation(text => {
      said.push(String(text))
      return true
    })
  const evaluate = async (...words: string[]) => {
    said.length = 0
    const code = await runCommand([
      'evaluate',
      '--project',
      project.slug,
      '--dataset',
      dataset.slug,
      ...words,
    ])
    return { code, said: said.join('') }
  }
  try {
    const own = ['--model', 'Own model@1', '--split', 'test']
    expect(await evaluate(...own, '--gate', easy)).toMatchObject({
      code: 0,
      said: expect.stringContaining('Gate Easy:'),
    })
    expect(await evaluate(...own, '--gate', hard)).toMatchObject({ code: 1 })
    expect(await evaluate(...own)).toMatchObject({ code: 0 })
    const bad = (...words: string[]) => evaluate(...words).then(({ code, said }) => [code, said])
    expect(await bad(...own, '--gate', 'nowhere')).toEqual([2, 'There is no such gate in this project.\n'])
    expect((await bad('--model', 'Nobody@1'))[0]).toBe(2)
    expect((await bad(...own, '--dataset', 'nowhere'))[0]).toBe(2)
    expect((await bad(...own, '--project', 'nowhere'))[0]).toBe(2)
    expect((await bad('--model', 'Own model@1', '--split', 'half'))[0]).toBe(2)
    expect((await bad('--model', 'no-version'))[0]).toBe(2)
  } finally {
    vi.restoreAllMocks()
  }
})
